package multiprocessing.memory;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * How keys and values of a {@link SharedMap} become bytes and come back. What is equal has equal
 * bytes.
 *
 * @param <T> their type
 */
abstract class Flat<T> {
  private final Class<T> type;

  Flat(Class<T> type) {
    this.type = type;
  }

  abstract byte[] bytes(T value);

  abstract T value(byte[] bytes);

  final Class<T> type() {
    return type;
  }

  /** Says whether it can be one at all. */
  final boolean takes(Object value) {
    return type.isInstance(value);
  }

  final byte[] bytesOf(Object value) {
    return bytes(type.cast(value));
  }

  /**
   * The form of a type.
   *
   * @throws IllegalArgumentException if it has none
   */
  @SuppressWarnings("unchecked") // each is chosen by its type
  static <T> Flat<T> of(Class<T> type) {
    Flat<?> flat;
    if (type == String.class) {
      flat = new Text();
    } else if (type == byte[].class) {
      flat = new Bytes();
    } else if (type.isRecord()) {
      flat = new Struct<>(type.asSubclass(Record.class));
    } else if (Scalar.sizeOf(type) > 0) {
      flat = new Scalar<>(type);
    } else {
      throw new IllegalArgumentException(
          "a shared map cannot hold a "
              + type.getTypeName()
              + ": its keys and values are String, byte[], Boolean, Character, numbers such as"
              + " Integer, or records of primitives; the map of a manager holds anything");
    }
    return (Flat<T>) flat;
  }

  /** A number, a character or a truth value. */
  private static final class Scalar<T> extends Flat<T> {
    private final int size;

    Scalar(Class<T> type) {
      super(type);
      size = sizeOf(type);
    }

    /** How many bytes one takes; 0 if it is of another type. */
    static int sizeOf(Class<?> type) {
      return switch (type.getName()) {
        case "java.lang.Boolean", "java.lang.Byte" -> 1;
        case "java.lang.Short", "java.lang.Character" -> 2;
        case "java.lang.Integer", "java.lang.Float" -> 4;
        case "java.lang.Long", "java.lang.Double" -> 8;
        default -> 0;
      };
    }

    @Override
    byte[] bytes(T value) {
      long bits = bits(value);
      byte[] bytes = new byte[size];
      for (int i = 0; i < size; i++) {
        bytes[i] = (byte) (bits >>> (Byte.SIZE * i));
      }
      return bytes;
    }

    private static long bits(Object value) {
      if (value instanceof Boolean truth) {
        return truth ? 1 : 0;
      } else if (value instanceof Character letter) {
        return letter;
      } else if (value instanceof Double real) {
        return Double.doubleToLongBits(real);
      } else if (value instanceof Float real) {
        return Float.floatToIntBits(real);
      }
      return ((Number) value).longValue();
    }

    @Override
    T value(byte[] bytes) {
      long bits = 0;
      for (int i = 0; i < size; i++) {
        bits |= (bytes[i] & 0xFFL) << (Byte.SIZE * i);
      }
      return type().cast(boxed(bits));
    }

    private Object boxed(long bits) {
      return switch (type().getName()) {
        case "java.lang.Boolean" -> bits != 0;
        case "java.lang.Byte" -> (byte) bits;
        case "java.lang.Short" -> (short) bits;
        case "java.lang.Character" -> (char) bits;
        case "java.lang.Integer" -> (int) bits;
        case "java.lang.Float" -> Float.intBitsToFloat((int) bits);
        case "java.lang.Double" -> Double.longBitsToDouble(bits);
        default -> bits;
      };
    }
  }

  /** A text: a byte for each character if that is enough, else two; then a byte that says which. */
  private static final class Text extends Flat<String> {
    private static final byte NARROW = 0;
    private static final byte WIDE = 1;

    Text() {
      super(String.class);
    }

    @Override
    byte[] bytes(String text) {
      int length = text.length();
      byte[] bytes = new byte[length + 1];
      int all = 0;
      for (int i = 0; i < length; i++) {
        char letter = text.charAt(i);
        all |= letter;
        bytes[i] = (byte) letter;
      }
      bytes[length] = NARROW;
      return all <= 0xFF ? bytes : wide(text);
    }

    private static byte[] wide(String text) {
      byte[] bytes = new byte[2 * text.length() + 1];
      ByteBuffer.wrap(bytes).asCharBuffer().put(text);
      bytes[2 * text.length()] = WIDE;
      return bytes;
    }

    @Override
    String value(byte[] bytes) {
      int last = bytes.length - 1;
      return bytes[last] == NARROW
          ? new String(bytes, 0, last, StandardCharsets.ISO_8859_1)
          : ByteBuffer.wrap(bytes, 0, last).asCharBuffer().toString();
    }
  }

  /** Bytes as they are; a map never keeps an array, nor gives one out twice. */
  private static final class Bytes extends Flat<byte[]> {
    Bytes() {
      super(byte[].class);
    }

    @Override
    byte[] bytes(byte[] value) {
      return value;
    }

    @Override
    byte[] value(byte[] bytes) {
      return bytes;
    }
  }

  /** A record of primitives, with zeros between them. */
  private static final class Struct<R extends Record> extends Flat<R> {
    private final RecordLayout<R> layout;
    private final int size;

    Struct(Class<R> type) {
      super(type);
      layout = RecordLayout.of(type);
      size = Math.toIntExact(layout.struct().byteSize());
    }

    private MemorySegment aligned() {
      return MemorySegment.ofArray(new long[size / Long.BYTES + 1]);
    }

    @Override
    byte[] bytes(R value) {
      MemorySegment words = aligned();
      layout.write(words, 0, value);
      byte[] bytes = new byte[size];
      MemorySegment.ofArray(bytes).copyFrom(words.asSlice(0, size));
      return bytes;
    }

    @Override
    R value(byte[] bytes) {
      MemorySegment words = aligned();
      MemorySegment.copy(MemorySegment.ofArray(bytes), 0, words, 0, size);
      return layout.read(words, 0);
    }
  }
}
