package multiprocessing.process;

/** How a child ends that is a fork of this process. */
final class ForkExitTest extends RealExitContract {
  ForkExitTest() {
    super(StartMethod.FORK);
  }
}
