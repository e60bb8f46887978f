package multiprocessing.process;

import java.io.Serializable;

/** What is sent to a child that was started from an object of a subclass: that object. */
record SubclassTask(ChildProcess process) implements Runnable, Serializable {
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
