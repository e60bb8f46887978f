package multiprocessing.process;

/** Throws a checked exception where none is declared, rather than wrap it. */
final class Sneaky {
  private Sneaky() {}

  static RuntimeException rethrow(Exception exception) {
    throw Sneaky.<RuntimeException>as(exception);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Exception> E as(Exception exception) throws E {
    throw (E) exception;
  }
}
