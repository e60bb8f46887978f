package multiprocessing.stress;

import java.util.List;

/**
 * A decoder, as the fuzzer sees it.
 *
 * @param name what it is called in reports
 * @param samples sound messages, which are damaged
 * @param allowed what it may throw when the message is none
 * @param decoder takes a message apart
 */
public record Target(
    String name, List<byte[]> samples, List<Class<? extends Exception>> allowed, Decoder decoder) {

  /** What takes a message apart. */
  @FunctionalInterface
  public interface Decoder extends AutoCloseable {
    /**
     * Decodes; what comes out is of no interest.
     *
     * @throws Exception one that is allowed, if the bytes are no message
     */
    void decode(byte[] message) throws Exception;

    /** Lets go of what it needed for that, when there is nothing to decode any more. */
    @Override
    default void close() {}
  }
}
