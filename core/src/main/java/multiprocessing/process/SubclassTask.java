package multiprocessing.process;

import java.io.Serial;
import java.io.Serializable;

/** What is sent to a child that was started from an object of a subclass: that object. */
final class SubclassTask implements Runnable, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final ChildProcess process;

  SubclassTask(ChildProcess process) {
    this.process = process;
  }

  @Override
  public void run() {
    CurrentProcess.become(process);
    try {
      process.run();
    } catch (Exception e) {
      throw Sneaky.rethrow(e);
    }
  }
}
