package multiprocessing.process;

/** How a child ends that is a fork of this process. */
final class ForkExitTest extends ExitContract {
  ForkExitTest() {
    super(StartMethod.FORK);
  }
}
