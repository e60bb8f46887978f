package multiprocessing.process;

/** What becomes of a task that is sent to a fork of the fork server. */
final class ForkServerTravelTest extends TravelContract {
  ForkServerTravelTest() {
    super(StartMethod.FORKSERVER);
  }
}
