package multiprocessing.process;

/** What a child has that is forked from the fork server. */
final class ForkServerOptionsTest extends MachineOptionsContract {
  ForkServerOptionsTest() {
    super(StartMethod.FORKSERVER);
  }
}
