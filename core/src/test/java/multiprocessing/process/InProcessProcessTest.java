package multiprocessing.process;

/** The life of a child that is a thread of this virtual machine. */
final class InProcessProcessTest extends ProcessContract {
  InProcessProcessTest() {
    super(StartMethod.IN_PROCESS);
  }
}
