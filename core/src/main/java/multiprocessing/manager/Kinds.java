package multiprocessing.manager;

import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import multiprocessing.pool.ProcessPool;
import multiprocessing.process.SerializableFunction;
import org.jspecify.annotations.Nullable;

/** The kinds of objects that each manager makes, by the names that they have in messages. */
final class Kinds {
  static final String LIST = "list";
  static final String ARRAY = "array";
  static final String MAP = "map";
  static final String SET = "set";
  static final String NAMESPACE = "namespace";
  static final String VALUE = "value";
  static final String QUEUE = "queue";
  static final String LOCK = "lock";
  static final String CONDITION = "condition";
  static final String SEMAPHORE = "semaphore";
  static final String EVENT = "event";
  static final String BARRIER = "barrier";
  static final String ITERATOR = "iterator";
  static final String POOL = "pool";

  private Kinds() {}

  /** Makes an object; null for a name that is none of these. */
  @SuppressWarnings("unchecked") // what a client's call of a factory method has made sure of
  static @Nullable Served create(String kind, @Nullable Object[] arguments) {
    return switch (kind) {
      case LIST -> new ServedList<>(elements(arguments), false);
      case ARRAY -> new ServedList<>(elements(arguments), true);
      case MAP -> new ServedMap<>((Map<Object, Object>) whole(Map.class, arguments));
      case SET -> new ServedSet<>(elements(arguments));
      case NAMESPACE -> new ServedNamespace();
      case VALUE -> new ServedValue<@Nullable Object>(arguments[0]);
      case QUEUE -> new ServedQueue<>((Integer) first(arguments));
      case LOCK -> new ServedLock((Boolean) first(arguments));
      case CONDITION -> condition(arguments[0]);
      case SEMAPHORE ->
          new ServedSemaphore(
              (Integer) first(arguments), (Boolean) Objects.requireNonNull(arguments[1]));
      case EVENT -> new ServedEvent();
      case BARRIER -> new ServedBarrier((Integer) first(arguments), (Runnable) arguments[1]);
      case ITERATOR ->
          new ServedCustom(
              Objects.requireNonNull(((Supplier<Iterator<?>>) first(arguments)).get()),
              Iterator.class);
      case POOL ->
          new ServedPool(
              (SerializableFunction<ProcessPool.Builder, ProcessPool.Builder>) first(arguments));
      default -> null;
    };
  }

  @SuppressWarnings("unchecked") // as above
  private static Collection<Object> elements(@Nullable Object[] arguments) {
    return (Collection<Object>) whole(Collection.class, arguments);
  }

  private static Object whole(Class<?> type, @Nullable Object[] arguments) {
    return Objects.requireNonNull(Contents.whole(type, arguments[0]));
  }

  private static Object first(@Nullable Object[] arguments) {
    return Objects.requireNonNull(arguments[0]);
  }

  private static Served condition(@Nullable Object lock) {
    if (lock instanceof ServedLock served) {
      return new ServedCondition(served);
    }
    throw new IllegalArgumentException("a manager's condition needs a lock of the same manager");
  }

  /** Whether calls of an object are to follow each other; none of them waits then. */
  static boolean isGuarded(Served object) {
    return object instanceof List<?>
        || object instanceof Map<?, ?>
        || object instanceof ServedSet<?>
        || object.face() == Iterator.class;
  }
}
