package multiprocessing.internal.serial;

import java.util.Objects;

/** The ways in which a codec can be set up; what travels must not depend on it. */
enum Mode {
  /** As it comes: Java serialization at first, Fory later. */
  DEFAULT,
  /** As it is when it has been in use for a while. */
  WARM,
  /** With {@code -Dmultiprocessing.serializer=java}. */
  JAVA;

  private static final Codec WARM_CODEC = new Codec(new ObjectCodec(new ForySerializer(), false));

  Codec codec() {
    return switch (this) {
      case DEFAULT -> new Codec(new ObjectCodec(new ForySerializer(), true));
      case WARM -> WARM_CODEC;
      case JAVA -> new Codec(new ObjectCodec(new JavaSerializer(false), false));
    };
  }

  /** Sends an object to another process and back again, as it were. */
  @SuppressWarnings("unchecked")
  <T> T roundTrip(T value) {
    Codec codec = codec();
    return (T) Objects.requireNonNull(codec.decode(codec.encode(value).toBytes()));
  }
}
