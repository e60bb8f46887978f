package multiprocessing.process;

/** How a child ends that is a thread of this virtual machine. */
final class InProcessExitTest extends ExitContract {
  InProcessExitTest() {
    super(StartMethod.IN_PROCESS);
  }
}
