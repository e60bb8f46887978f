package multiprocessing.spi;

import java.io.IOException;

/**
 * Turns objects into bytes and back, for all objects that the library has no short form for.
 *
 * <p>Null, the boxes of primitives, strings, arrays of primitives and byte buffers never reach a
 * serializer. Which one is used is said by the system property {@value #PROPERTY}: {@code fory}
 * (the default), {@code java} (the JDK's own serialization), or the {@link #name()} of a service:
 * name the implementation in {@code META-INF/services/multiprocessing.spi.Serializer}, or with
 * {@code provides} in its module. Both ends must use the same one; child processes inherit the
 * property.
 *
 * <p>One instance serves all threads at once. Shared objects of the library (queues, locks, …)
 * travel by {@code writeReplace} and {@code readResolve}, as the JDK's serialization defines them,
 * so an implementation must honour those two.
 */
public interface Serializer {
  /** The system property that names the serializer: {@value}. */
  String PROPERTY = "multiprocessing.serializer";

  /**
   * Returns the name by which the property chooses this serializer, and by which the receiver of a
   * message recognises it.
   *
   * @return at most 100 ASCII characters; neither {@code fory} nor {@code java}
   */
  String name();

  /**
   * Turns an object into bytes.
   *
   * <p>Any throwable means that the object cannot travel; the library looks for the culprit and
   * tells the sender its path.
   *
   * @param value the object
   * @return its bytes; the array belongs to the caller
   * @throws IOException if the object cannot be serialized
   */
  byte[] serialize(Object value) throws IOException;

  /**
   * Turns bytes into an object.
   *
   * @param bytes an array that holds the bytes; must not be changed or kept
   * @param offset where they begin
   * @param length how many they are
   * @param loader the class loader to find classes with
   * @return the object
   * @throws IOException if the bytes are damaged, or an object refuses to be restored
   * @throws ClassNotFoundException if a class is not known to the loader
   */
  Object deserialize(byte[] bytes, int offset, int length, ClassLoader loader)
      throws IOException, ClassNotFoundException;
}
