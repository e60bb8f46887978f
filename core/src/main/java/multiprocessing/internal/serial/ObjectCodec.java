package multiprocessing.internal.serial;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ObjectInputFilter;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import multiprocessing.error.SerializationException;
import multiprocessing.spi.Serializer;
import org.jspecify.annotations.Nullable;

/*
 * Which serializer, and when.
 *
 * Apache Fory is several times faster than Java serialization once it runs, but needs a fifth of a
 * second of processor time to get there, and so does each receiver. A process that sends a handful
 * of objects in its life should not pay that. So with "fory" a process begins with Java
 * serialization; when that has made or read BUSY bytes, it starts Fory in the background, and goes over to it
 * when it is ready. Objects that Java serialization refuses, or would send with fields missing, go
 * to Fory from the first one on, and what Fory refuses is offered to Java serialization. So whether
 * an object can travel does not depend on how many went before it.
 */
/** Objects without a short form: picks the serializer, and names the culprit where it fails. */
final class ObjectCodec {
  /** The bytes that Java serialization makes or reads in some 20 milliseconds. */
  static final int BUSY = 1 << 20;

  private static final byte[] JAVA_HEAD = {Tag.JAVA};
  private static final byte[] FORY_HEAD = {Tag.FORY};

  private final Serializer main;
  private final byte[] mainHead;
  private final Serializer java;
  private final List<Serializer> javaFirst;
  private final List<Serializer> mainFirst;
  private final boolean startsWithJava;
  private final boolean isFromOutside;
  private final @Nullable ObjectInputFilter filter;

  /** What went through Java serialization; races lose some of it, which is harmless. */
  private long javaBytes;

  private volatile boolean warm;
  private boolean warming;

  /**
   * Creates a codec.
   *
   * @param main the serializer to use in the long run
   * @param startsWithJava whether to begin with Java serialization
   */
  ObjectCodec(Serializer main, boolean startsWithJava) {
    this(main, startsWithJava, false, null);
  }

  private ObjectCodec(
      Serializer main,
      boolean startsWithJava,
      boolean isFromOutside,
      @Nullable ObjectInputFilter filter) {
    this.isFromOutside = isFromOutside;
    this.filter = filter;
    this.main = main;
    this.mainHead = head(main);
    this.java = main instanceof JavaSerializer ? main : new JavaSerializer(true);
    this.javaFirst = java == main ? List.of(main) : List.of(java, main);
    this.mainFirst = java == main ? List.of(main) : List.of(main, java);
    this.startsWithJava = startsWithJava;
  }

  /** For peers that are none of this tree's processes: Java serialization, and nothing else. */
  static ObjectCodec outside(@Nullable ObjectInputFilter filter) {
    return new ObjectCodec(new JavaSerializer(true, filter), false, true, filter);
  }

  static ObjectCodec configured() {
    String name = System.getProperty(Serializer.PROPERTY, ForySerializer.NAME);
    return switch (name) {
      case ForySerializer.NAME -> new ObjectCodec(new ForySerializer(), true);
      case JavaSerializer.NAME -> new ObjectCodec(new JavaSerializer(false), false);
      default -> new ObjectCodec(new PluggedSerializer(name), false);
    };
  }

  private static byte[] head(Serializer serializer) {
    if (serializer instanceof JavaSerializer) {
      return JAVA_HEAD;
    }
    if (serializer instanceof ForySerializer) {
      return FORY_HEAD;
    }
    byte[] name = serializer.name().getBytes(ISO_8859_1);
    byte[] head = new byte[2 + name.length];
    head[0] = Tag.PLUGGED;
    head[1] = (byte) name.length;
    System.arraycopy(name, 0, head, 2, name.length);
    return head;
  }

  /** What is to agree to an object that is made; null if nothing has to. */
  private @Nullable ObjectInputFilter filter() {
    ObjectInputFilter general = ObjectInputFilter.Config.getSerialFilter();
    return filter == null || general == null
        ? (filter == null ? general : filter)
        : ObjectInputFilter.merge(filter, general);
  }

  Payload encode(Object value, @Nullable String root) {
    Payload lambda = isFromOutside ? null : LambdaCodec.encode(value);
    if (lambda != null) {
      return lambda;
    }
    if (startsWithJava && !warm) {
      Payload payload = encode(value, root, javaFirst);
      countJavaUse((int) payload.size());
      return payload;
    }
    return encode(value, root, mainFirst);
  }

  Payload encodeForStart(Object value, String root) {
    Payload lambda = LambdaCodec.encode(value);
    return lambda != null ? lambda : encode(value, root, javaFirst);
  }

  private Payload encode(Object value, @Nullable String root, List<Serializer> order) {
    Throwable failure = null;
    boolean overflow = false;
    for (Serializer each : order) {
      try {
        byte[] bytes = each.serialize(value);
        if (each == main) {
          warm = true;
        }
        return payload(each, bytes);
      } catch (Throwable e) {
        rethrowFatal(e);
        overflow |= DeepStack.isOverflow(e);
        failure = failure == null || each == main ? e : failure;
      }
    }
    Payload deep = overflow ? encodeDeep(value) : null;
    if (deep != null) {
      return deep;
    }
    throw new Culprit(main).explain(value, root, Objects.requireNonNull(failure));
  }

  /** Java serialization comes first here, since Fory reads structures of limited depth only. */
  private @Nullable Payload encodeDeep(Object value) {
    for (Serializer each : javaFirst) {
      try {
        return payload(each, DeepStack.call(() -> each.serialize(value)));
      } catch (Throwable e) {
        rethrowFatal(e);
      }
    }
    return null;
  }

  /** Errors of the virtual machine are the caller's; but too deep a graph is the object's fault. */
  private static void rethrowFatal(Throwable e) {
    if (e instanceof VirtualMachineError fatal && !(e instanceof StackOverflowError)) {
      throw fatal;
    }
  }

  private Payload payload(Serializer serializer, byte[] bytes) {
    byte[] head = serializer == main ? mainHead : JAVA_HEAD;
    return new Payload(head, head.length, MemorySegment.ofArray(bytes));
  }

  /** Decodes what needs no serializer, see {@link Plain#isAny}. */
  @Nullable Object decodePlain(byte[] bytes, int offset, int length) throws ClassNotFoundException {
    byte tag = bytes[offset];
    if (Plain.isBulk(tag)) {
      return Plain.decodeBulk(MemorySegment.ofArray(bytes), offset, length);
    }
    return Composite.isComposite(tag)
        ? Composite.decode(bytes, offset, length, filter())
        : Plain.decode(bytes, offset, length);
  }

  Object decode(byte[] bytes, int offset, int length) throws Exception {
    ClassLoader loader = Loaders.current();
    try {
      return decode(bytes, offset, length, loader);
    } catch (Exception | StackOverflowError e) {
      if (DeepStack.isOverflow(e)) {
        return DeepStack.call(() -> decode(bytes, offset, length, loader));
      }
      throw e;
    }
  }

  private Object decode(byte[] bytes, int offset, int length, ClassLoader loader) throws Exception {
    int at = offset + 1;
    int size = length - 1;
    return switch (bytes[offset]) {
      case Tag.JAVA -> {
        countJavaUse(size);
        yield java.deserialize(bytes, at, size, loader);
      }
      case Tag.TASK -> {
        requireTree();
        yield LambdaCodec.decodeTask(bytes, at, size, loader, this);
      }
      case Tag.LAMBDA -> {
        requireTree();
        yield LambdaCodec.decode(bytes, at, size, loader, this);
      }
      case Tag.FORY -> {
        requireTree();
        Serializer fory = main instanceof ForySerializer ? main : new ForySerializer();
        Object value = fory.deserialize(bytes, at, size, loader);
        warm = true;
        yield value;
      }
      case Tag.PLUGGED -> {
        if (!startsWith(bytes, offset, length, mainHead)) {
          throw new SerializationException(
              "the sender used another serializer than "
                  + main.name()
                  + "; set -D"
                  + Serializer.PROPERTY
                  + " to the same on both ends");
        }
        int skip = mainHead.length;
        yield main.deserialize(bytes, offset + skip, length - skip, loader);
      }
      default -> throw Text.damaged("unknown tag " + bytes[offset]);
    };
  }

  private void requireTree() {
    if (isFromOutside) {
      throw new SerializationException(
          "the peer sent an object in a form that is accepted within a tree of processes only");
    }
  }

  private static boolean startsWith(byte[] bytes, int offset, int length, byte[] head) {
    return length >= head.length
        && Arrays.equals(bytes, offset, offset + head.length, head, 0, head.length);
  }

  private void countJavaUse(int bytes) {
    if (startsWithJava && !warm) {
      javaBytes += bytes;
      if (javaBytes >= BUSY) {
        startWarmUp();
      }
    }
  }

  private synchronized void startWarmUp() {
    if (!warming) {
      warming = true;
      Thread.ofPlatform().daemon().name("multiprocessing-serializer-warm-up").start(this::warmUp);
    }
  }

  /** Makes the main serializer ready; where that fails, Java serialization stays in use. */
  void warmUp() {
    try {
      if (main instanceof ForySerializer fory) {
        fory.warmUp();
      }
      warm = true;
    } catch (Exception | LinkageError e) {
      javaBytes = Long.MIN_VALUE;
    }
  }
}
