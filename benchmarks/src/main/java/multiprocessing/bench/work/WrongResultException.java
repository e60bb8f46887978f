package multiprocessing.bench.work;

/** The work was done, but wrongly. */
final class WrongResultException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WrongResultException(String message) {
    super(message);
  }
}
