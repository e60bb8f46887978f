package multiprocessing.pool;

import java.io.Serial;
import java.io.Serializable;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import multiprocessing.internal.session.SessionLocal;
import multiprocessing.process.SerializableSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A value of which each process has its own, made when it is first asked for there: a connection, a
 * model, a cache that outlives the tasks of a worker. What {@link ThreadLocal} is to threads. Where
 * Python keeps such things in globals that an initializer sets.
 *
 * {@snippet :
 * WorkerLocal<Parser> parser = WorkerLocal.of(Parser::new);
 * pool.map(text -> parser.get().parse(text), texts);
 * }
 *
 * <p><b>Sharing.</b> It travels with the tasks that capture it; copies of it are the same one. The
 * value never travels.
 *
 * <p><b>Memory effects.</b> The value is seen whole by every thread of its process.
 *
 * <p><b>If a process dies.</b> Its value is gone with it; the worker that takes its place makes its
 * own.
 *
 * <p><b>Cost.</b> That of looking into a map.
 *
 * @param <T> the type of the value
 */
public final class WorkerLocal<T extends @Nullable Object> implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private static final SessionLocal<Map<UUID, Cell>> CELLS =
      new SessionLocal<>(ConcurrentHashMap::new);

  private final UUID id = UUID.randomUUID();
  private final SerializableSupplier<T> initial;

  /** The value of one process. */
  private static final class Cell {
    private boolean made;
    private @Nullable Object value;

    synchronized @Nullable Object get(SerializableSupplier<?> initial) {
      if (!made) {
        value = initial.get();
        made = true;
      }
      return value;
    }

    synchronized void set(@Nullable Object replacement) {
      value = replacement;
      made = true;
    }
  }

  private WorkerLocal(SerializableSupplier<T> initial) {
    this.initial = Objects.requireNonNull(initial);
  }

  /**
   * Returns a new one.
   *
   * @param <T> the type of the value
   * @param initial makes the value in each process that asks for it
   */
  public static <T extends @Nullable Object> WorkerLocal<T> of(SerializableSupplier<T> initial) {
    return new WorkerLocal<>(initial);
  }

  /** Returns the value of this process; the first call makes it, and throws what that throws. */
  @SuppressWarnings({"unchecked", "NullAway"}) // the cell of this id holds values of T
  public T get() {
    return (T) cell().get(initial);
  }

  /**
   * Replaces the value of this process.
   *
   * @param value the new one
   */
  public void set(T value) {
    cell().set(value);
  }

  private Cell cell() {
    return CELLS.get().computeIfAbsent(id, _ -> new Cell());
  }
}
