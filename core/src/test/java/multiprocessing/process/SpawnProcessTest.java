package multiprocessing.process;

/** The life of a child that is a fresh virtual machine. */
final class SpawnProcessTest extends RealProcessContract {
  SpawnProcessTest() {
    super(StartMethod.SPAWN);
  }
}
