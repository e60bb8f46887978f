package multiprocessing.internal.serial;

/**
 * The first byte of every message: what the rest is.
 *
 * <p>Numbers are little-endian; lengths follow from the length of the message.
 */
final class Tag {
  static final byte NULL = 0;
  static final byte FALSE = 1;
  static final byte TRUE = 2;
  static final byte BYTE = 3;
  static final byte SHORT = 4;
  static final byte CHARACTER = 5;
  static final byte INTEGER = 6;
  static final byte LONG = 7;
  static final byte FLOAT = 8;
  static final byte DOUBLE = 9;

  /** A string of characters below 256, a byte each. */
  static final byte LATIN1 = 10;

  /** Any other string, two bytes a character; unpaired surrogates survive. */
  static final byte UTF16 = 11;

  static final byte BOOLEANS = 16;
  static final byte BYTES = 17;
  static final byte SHORTS = 18;
  static final byte CHARACTERS = 19;
  static final byte INTEGERS = 20;
  static final byte LONGS = 21;
  static final byte FLOATS = 22;
  static final byte DOUBLES = 23;

  /** What remained in a byte buffer of that byte order. */
  static final byte BUFFER_BIG_ENDIAN = 24;

  static final byte BUFFER_LITTLE_ENDIAN = 25;

  /** An array of objects that have a short form, see {@link Composite}. */
  static final byte OBJECTS = 26;

  /** An {@code ArrayList} of such. */
  static final byte LIST = 27;

  /** A list as {@code List.of} makes it, of such. */
  static final byte FIXED_LIST = 28;

  /** A {@code HashMap} of such. */
  static final byte MAP = 29;

  /** A stream of {@code java.io.ObjectOutputStream}. */
  static final byte JAVA = 32;

  /** A message of Apache Fory. */
  static final byte FORY = 33;

  /** A length (1 byte), the name of a plugged-in serializer, then what it made. */
  static final byte PLUGGED = 34;

  /** A lambda, see {@link LambdaCodec}. */
  static final byte LAMBDA = 35;

  /** A lambda that is only to be run, see {@link LambdaCodec}. */
  static final byte TASK = 36;

  /** A {@link RemoteFailure}. */
  static final byte FAILURE = 40;

  private Tag() {}
}
