package multiprocessing.bench.work;

/** One kind of work, ready to be done any number of times. */
interface Work {
  /**
   * Does it.
   *
   * @param count how often
   * @return how long that took in nanoseconds, without the checks of the result; in rows about
   *     memory, how many bytes; in those about a multiple, that in thousandths, times {@code count}
   * @throws WrongResultException if the result is not the expected one
   */
  long run(long count) throws Exception;

  /** Does it again and again for so many nanoseconds, until its code is compiled. */
  default void warmUp(long nanos) throws Exception {
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < nanos) {
      long _ = run(1);
    }
  }

  /** Fails unless the result is the expected one. */
  static void check(long found, long expected) {
    if (found != expected) {
      throw new WrongResultException(found + " instead of " + expected);
    }
  }
}
