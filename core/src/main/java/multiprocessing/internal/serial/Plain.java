package multiprocessing.internal.serial;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The short forms: null, boxes, strings, arrays of primitives, byte buffers; and collections of
 * those, see {@link Composite}. No library, no reflection, and no allocation but the result.
 */
final class Plain {
  /** Bytes up to which an array is copied into the head instead of being viewed by the body. */
  private static final int INLINE = 1024;

  /** Characters up to which a string is looked through one by one. */
  private static final int SHORT_STRING = 64;

  /** Arrays begin at a multiple of 8 after a tag and padding, so that they are copied aligned. */
  private static final int ARRAY_HEAD = 8;

  private static final Payload NULL = new Payload(new byte[] {Tag.NULL});
  private static final Payload FALSE = new Payload(new byte[] {Tag.FALSE});
  private static final Payload TRUE = new Payload(new byte[] {Tag.TRUE});
  private static final byte[] LATIN1_HEAD = {Tag.LATIN1};
  private static final byte[] UTF16_HEAD = {Tag.UTF16};

  private Plain() {}

  /** Returns the message, or null if there is no short form for the object. */
  static @Nullable Payload encode(@Nullable Object value) {
    if (value == null) {
      return NULL;
    }
    Class<?> type = value.getClass();
    if (type == String.class) {
      return string((String) value);
    }
    if (type == Integer.class) {
      return new Payload(number(Tag.INTEGER, 4, (Integer) value));
    }
    if (type == Long.class) {
      return new Payload(number(Tag.LONG, 8, (Long) value));
    }
    if (type == Double.class) {
      return new Payload(number(Tag.DOUBLE, 8, Double.doubleToRawLongBits((Double) value)));
    }
    if (type == Boolean.class) {
      return (Boolean) value ? TRUE : FALSE;
    }
    if (type.isArray()) {
      return type.getComponentType().isPrimitive()
          ? array(value, type.getComponentType())
          : Composite.encode(value);
    }
    if (type == Byte.class) {
      return new Payload(number(Tag.BYTE, 1, (Byte) value));
    }
    if (type == Short.class) {
      return new Payload(number(Tag.SHORT, 2, (Short) value));
    }
    if (type == Character.class) {
      return new Payload(number(Tag.CHARACTER, 2, (Character) value));
    }
    if (type == Float.class) {
      return new Payload(number(Tag.FLOAT, 4, Float.floatToRawIntBits((Float) value)));
    }
    return value instanceof ByteBuffer buffer ? buffer(buffer) : Composite.encode(value);
  }

  private static byte[] number(byte tag, int size, long bits) {
    byte[] head = new byte[1 + size];
    head[0] = tag;
    for (int i = 1; i <= size; i++) {
      head[i] = (byte) bits;
      bits >>>= 8;
    }
    return head;
  }

  private static Payload string(String text) {
    int length = text.length();
    if (length > SHORT_STRING) {
      return longString(text);
    }
    byte[] head = new byte[1 + length];
    head[0] = Tag.LATIN1;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c > 0xFF) {
        return utf16(text);
      }
      head[1 + i] = (byte) c;
    }
    return new Payload(head);
  }

  private static Payload longString(String text) {
    byte[] latin1 = latin1(text);
    return latin1 == null ? utf16(text) : bulk(LATIN1_HEAD, MemorySegment.ofArray(latin1));
  }

  /** The characters of a string, if each has room in a byte; else null. */
  static byte @Nullable [] latin1(String text) {
    byte[] latin1 = text.getBytes(ISO_8859_1);
    // Equality is decided at once where the text has other characters: its storage differs then.
    return text.equals(new String(latin1, ISO_8859_1)) ? latin1 : null;
  }

  private static Payload utf16(String text) {
    return bulk(UTF16_HEAD, MemorySegment.ofArray(text.toCharArray()));
  }

  private static Payload array(Object array, Class<?> component) {
    if (component == byte.class) {
      return bulk(new byte[] {Tag.BYTES}, MemorySegment.ofArray((byte[]) array));
    }
    if (component == int.class) {
      return bulk(arrayHead(Tag.INTEGERS), MemorySegment.ofArray((int[]) array));
    }
    if (component == double.class) {
      return bulk(arrayHead(Tag.DOUBLES), MemorySegment.ofArray((double[]) array));
    }
    if (component == long.class) {
      return bulk(arrayHead(Tag.LONGS), MemorySegment.ofArray((long[]) array));
    }
    if (component == float.class) {
      return bulk(arrayHead(Tag.FLOATS), MemorySegment.ofArray((float[]) array));
    }
    if (component == char.class) {
      return bulk(arrayHead(Tag.CHARACTERS), MemorySegment.ofArray((char[]) array));
    }
    if (component == short.class) {
      return bulk(arrayHead(Tag.SHORTS), MemorySegment.ofArray((short[]) array));
    }
    return booleans((boolean[]) array);
  }

  private static Payload booleans(boolean[] flags) {
    byte[] bytes = new byte[flags.length];
    for (int i = 0; i < flags.length; i++) {
      bytes[i] = (byte) (flags[i] ? 1 : 0);
    }
    return bulk(new byte[] {Tag.BOOLEANS}, MemorySegment.ofArray(bytes));
  }

  private static Payload buffer(ByteBuffer buffer) {
    boolean big = buffer.order() == ByteOrder.BIG_ENDIAN;
    byte tag = big ? Tag.BUFFER_BIG_ENDIAN : Tag.BUFFER_LITTLE_ENDIAN;
    return bulk(new byte[] {tag}, MemorySegment.ofBuffer(buffer));
  }

  private static byte[] arrayHead(byte tag) {
    byte[] head = new byte[ARRAY_HEAD];
    head[0] = tag;
    return head;
  }

  private static Payload bulk(byte[] head, MemorySegment body) {
    var payload = new Payload(head, head.length, body);
    return body.byteSize() <= INLINE ? payload.detached() : payload;
  }

  /** Whether messages with this tag need no serializer. */
  static boolean isAny(byte tag) {
    return tag <= Tag.UTF16 || isBulk(tag) || Composite.isComposite(tag);
  }

  /** Whether {@link #decodeBulk} is the one for messages that begin with this tag. */
  static boolean isBulk(byte tag) {
    return tag >= Tag.BOOLEANS && tag <= Tag.BUFFER_LITTLE_ENDIAN;
  }

  /** Decodes null, a box or a string; the tag is at most {@link Tag#UTF16}. */
  static @Nullable Object decode(byte[] bytes, int offset, int length) {
    int at = offset + 1;
    int size = length - 1;
    return switch (bytes[offset]) {
      case Tag.INTEGER -> (int) number(bytes, at, size, 4);
      case Tag.LATIN1 -> new String(bytes, at, size, ISO_8859_1);
      case Tag.LONG -> number(bytes, at, size, 8);
      case Tag.DOUBLE -> Double.longBitsToDouble(number(bytes, at, size, 8));
      case Tag.UTF16 -> new String(characters(MemorySegment.ofArray(bytes), at, size));
      case Tag.BYTE -> (byte) number(bytes, at, size, 1);
      case Tag.SHORT -> (short) number(bytes, at, size, 2);
      case Tag.CHARACTER -> (char) number(bytes, at, size, 2);
      case Tag.FLOAT -> Float.intBitsToFloat((int) number(bytes, at, size, 4));
      default -> constant(bytes[offset], size);
    };
  }

  private static @Nullable Object constant(byte tag, int size) {
    if (size != 0 || tag < Tag.NULL || tag > Tag.TRUE) {
      throw Text.damaged("tag " + tag + " with " + size + " bytes");
    }
    return tag == Tag.NULL ? null : (Boolean) (tag == Tag.TRUE);
  }

  private static long number(byte[] bytes, int at, int size, int wanted) {
    if (size != wanted) {
      throw Text.damaged("a number of " + size + " bytes instead of " + wanted);
    }
    long bits = 0;
    for (int i = wanted - 1; i >= 0; i--) {
      bits = (bits << 8) | (bytes[at + i] & 0xFF);
    }
    return bits;
  }

  /** Decodes an array or a byte buffer, with one copy. */
  static Object decodeBulk(MemorySegment source, long offset, long length) {
    byte tag = source.get(ValueLayout.JAVA_BYTE, offset);
    if (tag == Tag.BYTES) {
      return bytes(source, offset + 1, length - 1);
    }
    if (tag == Tag.BOOLEANS) {
      return flags(bytes(source, offset + 1, length - 1));
    }
    if (tag >= Tag.BUFFER_BIG_ENDIAN) {
      boolean big = tag == Tag.BUFFER_BIG_ENDIAN;
      return ByteBuffer.wrap(bytes(source, offset + 1, length - 1))
          .order(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }
    long at = offset + ARRAY_HEAD;
    long size = length - ARRAY_HEAD;
    return switch (tag) {
      case Tag.INTEGERS -> {
        int[] array = new int[count(size, 4)];
        MemorySegment.copy(source, ValueLayout.JAVA_INT_UNALIGNED, at, array, 0, array.length);
        yield array;
      }
      case Tag.DOUBLES -> {
        double[] array = new double[count(size, 8)];
        MemorySegment.copy(source, ValueLayout.JAVA_DOUBLE_UNALIGNED, at, array, 0, array.length);
        yield array;
      }
      case Tag.LONGS -> {
        long[] array = new long[count(size, 8)];
        MemorySegment.copy(source, ValueLayout.JAVA_LONG_UNALIGNED, at, array, 0, array.length);
        yield array;
      }
      case Tag.FLOATS -> {
        float[] array = new float[count(size, 4)];
        MemorySegment.copy(source, ValueLayout.JAVA_FLOAT_UNALIGNED, at, array, 0, array.length);
        yield array;
      }
      case Tag.CHARACTERS -> characters(source, at, size);
      default -> {
        short[] array = new short[count(size, 2)];
        MemorySegment.copy(source, ValueLayout.JAVA_SHORT_UNALIGNED, at, array, 0, array.length);
        yield array;
      }
    };
  }

  private static byte[] bytes(MemorySegment source, long at, long size) {
    byte[] array = new byte[count(size, 1)];
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, at, array, 0, array.length);
    return array;
  }

  private static char[] characters(MemorySegment source, long at, long size) {
    char[] array = new char[count(size, 2)];
    MemorySegment.copy(source, ValueLayout.JAVA_CHAR_UNALIGNED, at, array, 0, array.length);
    return array;
  }

  private static boolean[] flags(byte[] bytes) {
    boolean[] flags = new boolean[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      flags[i] = bytes[i] != 0;
    }
    return flags;
  }

  private static int count(long size, int each) {
    long count = size / each;
    if (size < 0 || size % each != 0 || count > Integer.MAX_VALUE - 8) {
      throw Text.damaged("an array of " + size + " bytes, each element having " + each);
    }
    return (int) count;
  }
}
