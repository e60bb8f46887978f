package multiprocessing.process;

/** The life of a child that is a fork of this process. */
final class ForkProcessTest extends RealProcessContract {
  ForkProcessTest() {
    super(StartMethod.FORK);
  }
}
