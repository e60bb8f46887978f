package multiprocessing.internal.serial;

import java.io.ObjectInputFilter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import multiprocessing.error.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * The short forms of arrays of objects, lists and maps that hold nothing but what has a short form
 * itself: boxes, strings, arrays of primitives, and such collections.
 */
final class Composite {
  /*
   * How many elements there are, then each: its tag, and what follows from that. What is not of fixed
   * size tells it first. A count is seven bits a byte, the lowest first, the eighth bit says that there
   * is more.
   *
   * Only collections that are nothing but their elements are here: a LinkedHashMap may be in the order
   * of access, a TreeMap has a comparator. What can be told from a copy of itself may occur once only;
   * an object with two references to the same array is left to a serializer, which keeps them together.
   *
   * A count is believed as far as there are bytes for so many elements.
   */
  private static final int DEEPEST = 16;

  /** A message that becomes larger than this is left to a serializer. */
  private static final int LARGEST = 1 << 28;

  private static final int FIRST_BYTES = 128;
  private static final int COMMON_BYTES = 8;
  private static final int MOST_FORESEEN = 1 << 16;

  /** Characters up to which a string is looked through one by one; its length has one digit. */
  private static final int SHORT_STRING = 64;

  private static final Class<?> LIST_OF_FEW = List.of(1).getClass();
  private static final Class<?> LIST_OF_MANY = List.of(1, 2, 3).getClass();

  /** What Java serialization makes of such lists, which filters know them by. */
  private static final String LIST_AS_SENT = "java.util.CollSer";

  private Composite() {}

  /** Returns the message, or null if there is no short form for the object. */
  static @Nullable Payload encode(Object value) {
    byte tag = tag(value.getClass());
    if (tag == Tag.NULL) {
      return null;
    }
    Encoder encoder = new Encoder();
    try {
      return encoder.composite(tag, value) ? encoder.payload() : null;
    } catch (RuntimeException e) {
      return null; // another thread changes it meanwhile: a serializer says what it makes of that
    }
  }

  /** The tag of a class; that of null if it has none here. */
  private static byte tag(Class<?> type) {
    if (type == ArrayList.class) {
      return Tag.LIST;
    }
    if (type == Object[].class) {
      return Tag.OBJECTS;
    }
    if (type == HashMap.class) {
      return Tag.MAP;
    }
    return type == LIST_OF_FEW || type == LIST_OF_MANY ? Tag.FIXED_LIST : Tag.NULL;
  }

  /** Whether a message is one of these. */
  static boolean isComposite(byte tag) {
    return tag >= Tag.OBJECTS && tag <= Tag.MAP;
  }

  /**
   * Decodes a message.
   *
   * @param filter has to agree to each collection; null for no filter
   */
  static Object decode(byte[] bytes, int offset, int length, @Nullable ObjectInputFilter filter)
      throws ClassNotFoundException {
    Decoder decoder = new Decoder(bytes, offset, length, filter);
    Object value = decoder.composite(decoder.next());
    if (decoder.at != decoder.end) {
      throw Text.damaged((decoder.end - decoder.at) + " bytes more than there should be");
    }
    return value;
  }

  /** Writes one message. */
  private static final class Encoder {
    private byte[] bytes = new byte[FIRST_BYTES];
    private int at;
    private int depth;
    private @Nullable Set<Object> seen;

    Payload payload() {
      return new Payload(bytes, at, null);
    }

    /** Writes an array or a collection; false if something in it has no short form. */
    boolean composite(byte tag, Object value) {
      if (++depth > DEEPEST) {
        return false;
      }
      put(tag);
      boolean done =
          switch (tag) {
            case Tag.OBJECTS -> elements((@Nullable Object[]) value);
            case Tag.MAP -> entries((Map<?, ?>) value);
            default ->
                elements((List<?>) value) && (tag == Tag.LIST || refusesNull((List<?>) value));
          };
      depth--;
      return done;
    }

    private boolean elements(@Nullable Object[] array) {
      begin(array.length);
      for (Object each : array) {
        if (!element(each)) {
          return false;
        }
      }
      return true;
    }

    private boolean elements(List<?> list) {
      int size = list.size();
      begin(size);
      for (int i = 0; i < size; i++) {
        if (!element(list.get(i))) {
          return false;
        }
      }
      return list.size() == size;
    }

    /** The lists that streams make have the same class, and may hold null. */
    private static boolean refusesNull(List<?> list) {
      return list.getClass() == LIST_OF_FEW || List.copyOf(list) == list;
    }

    private boolean entries(Map<?, ?> map) {
      int size = map.size();
      begin(size);
      for (Map.Entry<?, ?> each : map.entrySet()) {
        if (--size < 0 || !element(each.getKey()) || !element(each.getValue())) {
          return false;
        }
      }
      return size == 0;
    }

    private boolean element(@Nullable Object value) {
      if (at > LARGEST) {
        return false;
      }
      if (value == null) {
        put(Tag.NULL);
        return true;
      }
      Class<?> type = value.getClass();
      if (type == String.class) {
        text((String) value);
      } else if (type == Integer.class) {
        integer(Tag.INTEGER, (Integer) value);
      } else if (type == Long.class) {
        longInteger(Tag.LONG, (Long) value);
      } else if (type == Double.class) {
        longInteger(Tag.DOUBLE, Double.doubleToRawLongBits((Double) value));
      } else if (type == Boolean.class) {
        put((Boolean) value ? Tag.TRUE : Tag.FALSE);
      } else {
        return rare(value, type);
      }
      return true;
    }

    private boolean rare(Object value, Class<?> type) {
      byte tag = tag(type);
      if (tag != Tag.NULL) {
        return isNew(value) && composite(tag, value);
      }
      Payload plain = Plain.encode(value); // no more than one level of calls, as it is no composite
      if (plain == null || plain.size() > LARGEST) {
        return false;
      }
      if (Plain.isBulk(plain.head()[0])) {
        if (!isNew(value)) {
          return false;
        }
        put(plain.head()[0]);
        count((int) plain.size());
      }
      append(plain);
      return true;
    }

    /** Whether it is met for the first time. */
    private boolean isNew(Object mutable) {
      Set<Object> seen = this.seen;
      if (seen == null) {
        seen = Collections.newSetFromMap(new IdentityHashMap<>());
        this.seen = seen;
      }
      return seen.add(mutable);
    }

    private void text(String text) {
      int length = text.length();
      if (length > SHORT_STRING) {
        longText(text);
        return;
      }
      reserve(2 + SHORT_STRING);
      byte[] target = bytes;
      int place = at + 2;
      int all = 0;
      for (int i = 0; i < length; i++) {
        char c = text.charAt(i);
        all |= c;
        target[place + i] = (byte) c;
      }
      if (all > 0xFF) {
        wide(text);
        return;
      }
      target[at] = Tag.LATIN1;
      target[at + 1] = (byte) length;
      at = place + length;
    }

    private void longText(String text) {
      byte[] latin1 = Plain.latin1(text);
      if (latin1 == null) {
        wide(text);
        return;
      }
      put(Tag.LATIN1);
      count(latin1.length);
      reserve(latin1.length);
      System.arraycopy(latin1, 0, bytes, at, latin1.length);
      at += latin1.length;
    }

    private void wide(String text) {
      int length = text.length();
      put(Tag.UTF16);
      count(length);
      reserve(Character.BYTES * length);
      for (int i = 0; i < length; i++) {
        char c = text.charAt(i);
        bytes[at++] = (byte) c;
        bytes[at++] = (byte) (c >> 8);
      }
    }

    private void integer(byte tag, int bits) {
      reserve(1 + Integer.BYTES);
      bytes[at++] = tag;
      store(bits);
    }

    private void longInteger(byte tag, long bits) {
      reserve(1 + Long.BYTES);
      bytes[at++] = tag;
      store((int) bits);
      store((int) (bits >> Integer.SIZE));
    }

    /** Each byte for itself, which the compiler makes one store of. */
    private void store(int bits) {
      byte[] target = bytes;
      int place = at;
      target[place] = (byte) bits;
      target[place + 1] = (byte) (bits >> 8);
      target[place + 2] = (byte) (bits >> 16);
      target[place + 3] = (byte) (bits >> 24);
      at = place + Integer.BYTES;
    }

    /** Writes how many elements follow, and makes room for what these commonly take. */
    private void begin(int elements) {
      count(elements);
      reserve(Math.min(elements, MOST_FORESEEN) * COMMON_BYTES);
    }

    private void count(int number) {
      reserve(5);
      while (number > 0x7F) {
        bytes[at++] = (byte) (number | 0x80);
        number >>>= 7;
      }
      bytes[at++] = (byte) number;
    }

    private void put(byte value) {
      reserve(1);
      bytes[at++] = value;
    }

    private void append(Payload payload) {
      int size = (int) payload.size();
      reserve(size);
      payload.writeTo(MemorySegment.ofArray(bytes), at);
      at += size;
    }

    private void reserve(int more) {
      if (bytes.length - at < more) {
        bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(at, more)));
      }
    }
  }

  /** Reads one message. */
  private static final class Decoder {
    private final byte[] bytes;
    private final int start;
    private final int end;
    private final @Nullable ObjectInputFilter filter;
    private int at;
    private int depth;
    private int references;

    Decoder(byte[] bytes, int offset, int length, @Nullable ObjectInputFilter filter) {
      this.bytes = bytes;
      this.start = offset;
      this.at = offset;
      this.end = offset + length;
      this.filter = filter;
    }

    byte next() {
      if (at >= end) {
        throw Text.damaged("it ends too early");
      }
      return bytes[at++];
    }

    Object composite(byte tag) throws ClassNotFoundException {
      if (++depth > DEEPEST) {
        throw Text.damaged("more than " + DEEPEST + " collections in each other");
      }
      int count = size(tag == Tag.MAP ? 2 : 1);
      Object value =
          switch (tag) {
            case Tag.OBJECTS -> objects(count);
            case Tag.LIST -> list(count);
            case Tag.FIXED_LIST -> fixedList(count);
            case Tag.MAP -> map(count);
            default -> throw Text.damaged("tag " + tag + " within a collection");
          };
      depth--;
      return value;
    }

    private @Nullable Object[] objects(int count) throws ClassNotFoundException {
      permit(Object[].class, count);
      return some(count);
    }

    private @Nullable Object[] some(int count) throws ClassNotFoundException {
      @Nullable Object[] array = new @Nullable Object[count];
      for (int i = 0; i < count; i++) {
        array[i] = element();
      }
      return array;
    }

    private List<@Nullable Object> list(int count) throws ClassNotFoundException {
      permit(ArrayList.class, count);
      List<@Nullable Object> list = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        boolean _ = list.add(element());
      }
      return list;
    }

    private List<@Nullable Object> fixedList(int count) throws ClassNotFoundException {
      permit(LIST_OF_FEW, count);
      return List.of(some(count));
    }

    private Map<@Nullable Object, @Nullable Object> map(int count) throws ClassNotFoundException {
      permit(HashMap.class, count);
      Map<@Nullable Object, @Nullable Object> map = HashMap.newHashMap(count);
      for (int i = 0; i < count; i++) {
        Object key = element();
        Object _ = map.put(key, element());
      }
      return map;
    }

    private @Nullable Object element() throws ClassNotFoundException {
      byte tag = next();
      return switch (tag) {
        case Tag.LATIN1 -> narrow(size(1));
        case Tag.INTEGER -> integer();
        case Tag.LONG -> number(Long.BYTES);
        case Tag.DOUBLE -> Double.longBitsToDouble(number(Double.BYTES));
        case Tag.NULL -> null;
        case Tag.FALSE -> false;
        case Tag.TRUE -> true;
        case Tag.UTF16 -> wide(size(Character.BYTES));
        case Tag.BYTE -> plain(1 + Byte.BYTES);
        case Tag.SHORT, Tag.CHARACTER -> plain(1 + Short.BYTES);
        case Tag.FLOAT -> plain(1 + Float.BYTES);
        default -> Plain.isBulk(tag) ? bulk(tag) : composite(tag);
      };
    }

    @SuppressWarnings("deprecation") // it does what it is deprecated for, fast
    private String narrow(int length) {
      at += length;
      return new String(bytes, 0, at - length, length);
    }

    private String wide(int length) {
      char[] characters = new char[length];
      for (int i = 0; i < length; i++) {
        characters[i] = (char) number(Character.BYTES);
      }
      return new String(characters);
    }

    /** Reads a value whose message has so many bytes, the first of which was just read. */
    private @Nullable Object plain(int size) {
      at--;
      require(size);
      at += size;
      return Plain.decode(bytes, at - size, size);
    }

    private Object bulk(byte tag) {
      int size = size(1);
      if (size == 0 || bytes[at] != tag) {
        throw Text.damaged("an array that is another");
      }
      at += size;
      return Plain.decodeBulk(MemorySegment.ofArray(bytes), at - size, size);
    }

    private int integer() {
      require(Integer.BYTES);
      byte[] source = bytes;
      int place = at;
      at = place + Integer.BYTES;
      return (source[place] & 0xFF)
          | (source[place + 1] & 0xFF) << 8
          | (source[place + 2] & 0xFF) << 16
          | source[place + 3] << 24;
    }

    private long number(int size) {
      require(size);
      long bits = 0;
      for (int i = size - 1; i >= 0; i--) {
        bits = (bits << 8) | (bytes[at + i] & 0xFF);
      }
      at += size;
      return bits;
    }

    /** Reads how many there are of what has at least so many bytes. */
    private int size(int each) {
      if (at < end && bytes[at] >= 0 && bytes[at] <= (end - at - 1) / each) {
        return bytes[at++];
      }
      long count = 0;
      byte digit;
      int shift = 0;
      do {
        digit = next();
        count |= (long) (digit & 0x7F) << shift;
        shift += 7;
      } while (digit < 0 && shift < 35);
      if (digit < 0 || count > (end - at) / each) {
        throw Text.damaged(
            "it announces " + count + " elements of " + each + " and has " + (end - at) + " bytes");
      }
      return (int) count;
    }

    private void require(int size) {
      if (end - at < size) {
        throw Text.damaged("it ends too early");
      }
    }

    /** Asks the filter as Java serialization would: for the collection, and for its array. */
    private void permit(Class<?> type, int count) throws ClassNotFoundException {
      if (filter != null) {
        references++;
        if (type.isArray()) {
          permit(filter, type, count);
        } else {
          permit(filter, type == LIST_OF_FEW ? Class.forName(LIST_AS_SENT) : type, -1);
          permit(filter, type == HashMap.class ? Map.Entry[].class : Object[].class, count);
        }
      }
    }

    private void permit(ObjectInputFilter filter, Class<?> type, long length) {
      var question = new Question(type, length, depth, references, (long) at - start);
      if (filter.checkInput(question) == ObjectInputFilter.Status.REJECTED) {
        throw new SerializationException(
            "cannot restore an object of class " + type.getName() + ": the filter refuses it");
      }
    }
  }

  private record Question(
      Class<?> serialClass, long arrayLength, long depth, long references, long streamBytes)
      implements ObjectInputFilter.FilterInfo {}
}
