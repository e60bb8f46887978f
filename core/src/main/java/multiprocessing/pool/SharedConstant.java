package multiprocessing.pool;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.shm.SharedBlock;
import org.jspecify.annotations.Nullable;

/**
 * An object that is handed over once and read by many tasks: a table, a model, a big array. It lies
 * in memory that all processes of the tree map; tasks carry a few bytes that say where.
 *
 * {@snippet :
 * SharedConstant<double[]> table = pool.share(hugeTable);
 * pool.map(x -> table.get()[x], indexes);
 * }
 *
 * <p><b>Sharing.</b> It may be captured by tasks, and sent by queues. A {@link MemorySegment} or a
 * {@link ByteBuffer} is read where it lies, by all: {@link #get} gives a read-only view. Anything
 * else, arrays too, is made of it once in each process, at the first {@code get}; tasks must not
 * change it, since later tasks of the same worker see that. {@link #segment} gives the bytes of
 * whatever it is.
 *
 * <p><b>Memory effects.</b> What it was when it was shared is what all see.
 *
 * <p><b>If a process dies.</b> The memory stays as long as a process holds it; the object that made
 * it must be kept until the tasks that capture it have been taken by a worker.
 *
 * <p><b>Cost.</b> One copy to share it; for objects one decoding in each process that reads it.
 *
 * @param <T> the type of the object
 */
public final class SharedConstant<T> implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  // One for each block in a process, so that an object is decoded once.
  private static final Map<SharedBlock.Handle, WeakReference<SharedConstant<?>>> KNOWN =
      new ConcurrentHashMap<>();

  private final transient SharedBlock block;
  private final transient long size;
  private final transient Kind kind;
  private transient @Nullable T value;

  private enum Kind {
    SEGMENT,
    BUFFER,
    OBJECT
  }

  private SharedConstant(SharedBlock block, long size, Kind kind) {
    this.block = block;
    this.size = size;
    this.kind = kind;
  }

  /**
   * Shares an object.
   *
   * @param <T> its type
   * @param value the object; copied now
   * @throws SerializationException if it cannot travel
   * @throws multiprocessing.error.SharedMemoryExhaustedException if there is no room for it
   */
  public static <T> SharedConstant<T> of(T value) {
    return switch (value) {
      case MemorySegment segment -> ofBytes(segment, Kind.SEGMENT);
      case ByteBuffer buffer -> ofBytes(MemorySegment.ofBuffer(buffer), Kind.BUFFER);
      default -> {
        Payload payload = Codec.shared().encode(Objects.requireNonNull(value), "constant");
        SharedBlock block = SharedBlock.create(payload.size());
        payload.writeTo(block.segment(), block.offset());
        yield new SharedConstant<>(block, payload.size(), Kind.OBJECT);
      }
    };
  }

  private static <T> SharedConstant<T> ofBytes(MemorySegment source, Kind kind) {
    SharedBlock block = SharedBlock.create(Math.max(1, source.byteSize()));
    MemorySegment.copy(source, 0, block.segment(), block.offset(), source.byteSize());
    return new SharedConstant<>(block, source.byteSize(), kind);
  }

  /**
   * Returns the object; the same one at each call in a process, except that buffers have a position
   * of their own.
   *
   * @throws SerializationException if it cannot be read here
   */
  @SuppressWarnings("unchecked") // it was made of a T
  public synchronized T get() {
    if (kind == Kind.BUFFER) {
      return (T) segment().asByteBuffer();
    }
    T known = value;
    if (known == null) {
      known =
          kind == Kind.SEGMENT
              ? (T) segment()
              : (T)
                  Objects.requireNonNull(
                      Codec.shared().decode(block.segment(), block.offset(), size));
      value = known;
    }
    return known;
  }

  /** Returns the bytes that all processes share, read-only: the content, or the encoded object. */
  public MemorySegment segment() {
    return block.segment().asSlice(block.offset(), size).asReadOnly();
  }

  /** Returns how many bytes it takes in shared memory. */
  public long byteSize() {
    return size;
  }

  @Override
  public String toString() {
    return "SharedConstant[" + size + " bytes]";
  }

  @Serial
  private Object writeReplace() {
    return new Sent(block.export(), size, kind);
  }

  /** What travels. */
  private static final class Sent implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final SharedBlock.Handle block;
    private final long size;
    private final Kind kind;

    Sent(SharedBlock.Handle block, long size, Kind kind) {
      this.block = block;
      this.size = size;
      this.kind = kind;
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      SharedBlock attached = block.attach();
      synchronized (KNOWN) {
        WeakReference<SharedConstant<?>> reference = KNOWN.get(block);
        SharedConstant<?> known = reference == null ? null : reference.get();
        if (known == null) {
          known = new SharedConstant<>(attached, size, kind);
          KNOWN.values().removeIf(each -> each.refersTo(null));
          KNOWN.put(block, new WeakReference<>(known));
        }
        return known;
      }
    }
  }
}
