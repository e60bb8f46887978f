package multiprocessing.internal.launch;

import multiprocessing.error.StartException;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.TreeMemory;

/** Starts a child as a thread of this virtual machine. */
public final class InProcessLauncher implements Launcher {
  @Override
  public Launched launch(LaunchRequest request) {
    Session parent = Session.get();
    if (parent.isEnding() || Session.home().isEnding()) {
      throw new IllegalStateException("no child can be started: this process is shutting down");
    }
    if (!request.isForAnyThread()) {
      throw new StartException(
          "cannot start "
              + request.birth().name()
              + ": a child in this process is a thread and cannot have options for its virtual"
              + " machine, a heap limit, an environment, a directory, or output files of its own;"
              + " use the start method SPAWN");
    }
    TreeMemory.get(); // the child has a place in its table
    ExitOrder.install();
    InProcessChild child = new InProcessChild(request, parent);
    child.start();
    return child;
  }
}
