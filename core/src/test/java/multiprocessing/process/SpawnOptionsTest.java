package multiprocessing.process;

/** What a child has that is a fresh virtual machine. */
final class SpawnOptionsTest extends OptionsContract {
  SpawnOptionsTest() {
    super(StartMethod.SPAWN);
  }
}
