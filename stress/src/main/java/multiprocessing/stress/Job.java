package multiprocessing.stress;

import java.util.Random;
import multiprocessing.process.StartMethod;

/** A piece of work that starts processes and looks whether they do what they should. */
@FunctionalInterface
interface Job {
  /**
   * Works for a moment, and leaves nothing behind.
   *
   * @throws Exception if something is not as it should be
   */
  void run(StartMethod method, Random random) throws Exception;

  /** Says that something is not as it should be. */
  static void require(boolean condition, Object... words) {
    if (!condition) {
      StringBuilder text = new StringBuilder();
      for (Object word : words) {
        text.append(word).append(' ');
      }
      throw new IllegalStateException(text.toString().strip());
    }
  }
}
