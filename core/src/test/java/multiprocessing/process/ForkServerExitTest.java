package multiprocessing.process;

/** How a child ends that is forked from the fork server. */
final class ForkServerExitTest extends RealExitContract {
  ForkServerExitTest() {
    super(StartMethod.FORKSERVER);
  }
}
