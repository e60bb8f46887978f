package multiprocessing.process;

/** What a child has that is a fork of this process. */
final class ForkOptionsTest extends OptionsContract {
  ForkOptionsTest() {
    super(StartMethod.FORK);
  }
}
