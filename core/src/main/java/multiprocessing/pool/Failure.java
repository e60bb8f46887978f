package multiprocessing.pool;

/** Throws what a task threw, as itself. */
final class Failure {
  private Failure() {}

  /**
   * Throws it; declared to return something only for callers, who then need no statement behind it.
   */
  static RuntimeException sneak(Throwable thrown) {
    return Failure.<RuntimeException>cast(thrown);
  }

  @SuppressWarnings("unchecked") // erased: any throwable passes
  private static <X extends Throwable> RuntimeException cast(Throwable thrown) throws X {
    throw (X) thrown;
  }
}
