package multiprocessing.pool;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * Is told how far the maps and streams of a pool are; see {@link ProcessPool.Builder#progress}.
 *
 * <p>It is called at the beginning and the end of each, and at most ten times a second in between,
 * by one thread at a time for each of them, in order. What it throws is logged, and dropped.
 */
@FunctionalInterface
public interface ProgressListener {
  /**
   * Something has happened.
   *
   * @param progress how far it is
   */
  void progress(Progress progress);

  /**
   * How far a map or a stream is.
   *
   * @param job its number in the pool
   * @param name its name, by {@link TaskOptions#name}, or what it is
   * @param done how many items have ended, well or not
   * @param total how many there are; empty where nobody knows
   * @param elapsed the time since its begin
   * @param ended whether this is the last of its reports
   */
  record Progress(
      long job, String name, long done, OptionalLong total, Duration elapsed, boolean ended) {}
}
