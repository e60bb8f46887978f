package multiprocessing.process;

/** The life of a child that is forked from the fork server. */
final class ForkServerProcessTest extends RealProcessContract {
  ForkServerProcessTest() {
    super(StartMethod.FORKSERVER);
  }
}
