package multiprocessing.internal.serial;

import java.io.ObjectInputFilter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import multiprocessing.error.SerializationException;
import multiprocessing.spi.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Turns objects into messages and back. Safe for use by any number of threads.
 *
 * <p>What the library has a short form for (see {@link Tag}) costs some nanoseconds and touches no
 * serializer. Everything else goes to the serializer that the system property {@value
 * Serializer#PROPERTY} names. The first byte of a message says what it is, so one {@code decode}
 * reads all of them.
 *
 * <p>Classes are looked up with the context class loader of the thread (where that is only the one
 * of the class path: with that of the program, see {@link Loaders}), then with this library's own.
 *
 * <p><b>Failures.</b> An encoding that fails throws {@link SerializationException}, and lets only
 * errors of the virtual machine such as {@link OutOfMemoryError} through. A decoding that fails
 * throws {@code SerializationException} and nothing else, whatever the bytes and the classes do,
 * not even such an error: it runs in threads that others wait for, which must not die.
 */
public final class Codec {
  private static final Codec SHARED = new Codec(ObjectCodec.configured());

  private final ObjectCodec objects;
  private final FailureCodec failures;

  Codec(ObjectCodec objects) {
    this.objects = objects;
    this.failures = new FailureCodec(objects);
  }

  /** Returns the codec of this process, with the serializer that the system property names. */
  public static Codec shared() {
    return SHARED;
  }

  /**
   * Returns a codec for peers that may be none of this tree's processes. Objects without a short
   * form go by Java serialization only, which can be filtered and does not depend on the state of
   * the process.
   *
   * @param pattern which classes may be restored, see {@link
   *     ObjectInputFilter.Config#createFilter}; null for no filter but that of the virtual machine
   * @return a new codec
   */
  public static Codec outside(@Nullable String pattern) {
    return new Codec(
        ObjectCodec.outside(
            pattern == null ? null : ObjectInputFilter.Config.createFilter(pattern)));
  }

  /**
   * Whether a message has a short form, so that decoding it makes nothing but numbers, strings,
   * arrays of primitives, byte buffers or null.
   */
  public static boolean isPlain(byte[] bytes) {
    if (bytes.length == 0) {
      return false;
    }
    byte tag = bytes[0];
    return (tag >= Tag.NULL && tag <= Tag.UTF16) || Plain.isBulk(tag);
  }

  /**
   * Encodes any object. Shared objects of the library travel as handles (their {@code
   * writeReplace}).
   *
   * @param value the object
   * @return its message; it may view the memory of a big array or buffer
   * @throws SerializationException if the object cannot travel
   */
  public Payload encode(@Nullable Object value) {
    Payload plain = Plain.encode(value);
    return plain != null ? plain : objects.encode(Objects.requireNonNull(value), null);
  }

  /**
   * Encodes any object, as {@link #encode(Object)} does.
   *
   * @param value the object
   * @param name what to call it if it cannot travel; the path to the culprit begins with it
   * @return its message; it may view the memory of a big array or buffer
   * @throws SerializationException if the object cannot travel
   */
  public Payload encode(@Nullable Object value, String name) {
    Payload plain = Plain.encode(value);
    return plain != null ? plain : objects.encode(Objects.requireNonNull(value), name);
  }

  /**
   * Encodes the task of a new process: like {@link #encodeForStart}, but what is decoded may be
   * another {@code Runnable}, which does the same.
   *
   * @param task the object
   * @return its message
   * @throws SerializationException if the object cannot travel; its path begins with {@code task}
   */
  public Payload encodeTask(Runnable task) {
    Payload lambda =
        LambdaCodec.encodeTask(task, captured -> objects.encodeForStart(captured, "captured"));
    return lambda != null ? lambda : encodeForStart(task);
  }

  /**
   * Encodes what a new process needs first: like {@link #encode}, but in the way that a virtual
   * machine which has just started decodes fastest.
   *
   * @param task the object
   * @return its message
   * @throws SerializationException if the object cannot travel; its path begins with {@code task}
   */
  public Payload encodeForStart(Object task) {
    Payload plain = Plain.encode(task);
    return plain != null ? plain : objects.encodeForStart(task, "task");
  }

  /**
   * Encodes a throwable as the outcome of a task. Never fails: what cannot travel goes as text.
   *
   * @param failure the throwable
   * @return a message that {@code decode} turns into a {@link RemoteFailure}
   */
  public Payload encodeFailure(Throwable failure) {
    return failures.encode(failure);
  }

  /**
   * Decodes a message out of shared memory, or any other segment.
   *
   * @param source holds the message; not used after this call
   * @param offset where it begins
   * @param length its size in bytes
   * @return the object
   * @throws SerializationException if that fails, in whatever way
   */
  public @Nullable Object decode(MemorySegment source, long offset, long length) {
    try {
      Objects.checkFromIndexSize(offset, length, source.byteSize());
      if (length > 0 && Plain.isBulk(source.get(ValueLayout.JAVA_BYTE, offset))) {
        return Plain.decodeBulk(source, offset, length);
      }
      if (!source.isNative() && source.heapBase().orElse(null) instanceof byte[] array) {
        return decodeChecked(array, (int) (source.address() + offset), (int) length);
      }
      byte[] bytes = new byte[Math.toIntExact(length)];
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, bytes, 0, bytes.length);
      return decodeChecked(bytes, 0, bytes.length);
    } catch (Throwable e) {
      throw Text.toDecode(e);
    }
  }

  /**
   * Decodes a message out of an array.
   *
   * @param bytes the message
   * @return the object
   * @throws SerializationException if that fails, in whatever way
   */
  public @Nullable Object decode(byte[] bytes) {
    return decode(bytes, 0, bytes.length);
  }

  /**
   * Decodes a message out of a part of an array.
   *
   * @param bytes holds the message; not used after this call
   * @param offset where it begins
   * @param length its size in bytes
   * @return the object
   * @throws SerializationException if that fails, in whatever way
   */
  public @Nullable Object decode(byte[] bytes, int offset, int length) {
    try {
      Objects.checkFromIndexSize(offset, length, bytes.length);
      return decodeChecked(bytes, offset, length);
    } catch (Throwable e) {
      throw Text.toDecode(e);
    }
  }

  private @Nullable Object decodeChecked(byte[] bytes, int offset, int length) throws Exception {
    if (length == 0) {
      throw new SerializationException("damaged message: it is empty");
    }
    byte tag = bytes[offset];
    if (Plain.isAny(tag)) {
      return objects.decodePlain(bytes, offset, length);
    }
    return tag == Tag.FAILURE
        ? failures.decode(bytes, offset, length)
        : objects.decode(bytes, offset, length);
  }

  /**
   * Makes the serializer ready for its first object, which otherwise pays for that. Takes a fifth
   * of a second where the serializer is Apache Fory; worth it in a process from which others are
   * forked.
   */
  public void warmUp() {
    objects.warmUp();
  }
}
