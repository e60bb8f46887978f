package multiprocessing.process;

/** How a child ends that is a fresh virtual machine. */
final class SpawnExitTest extends ExitContract {
  SpawnExitTest() {
    super(StartMethod.SPAWN);
  }
}
