package multiprocessing.process;

/** What becomes of a task that is sent to a fresh virtual machine. */
final class SpawnTravelTest extends TravelContract {
  SpawnTravelTest() {
    super(StartMethod.SPAWN);
  }
}
