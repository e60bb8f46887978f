package multiprocessing.process;

/** How a child ends that is a fresh virtual machine. */
final class SpawnExitTest extends RealExitContract {
  SpawnExitTest() {
    super(StartMethod.SPAWN);
  }
}
