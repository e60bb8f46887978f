package multiprocessing.internal.launch;

import java.io.FileInputStream;
import java.io.IOException;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.TreeMemory;
import multiprocessing.internal.wire.FrameSocket;

/**
 * The main class of a child that was started as a fresh virtual machine.
 *
 * <p>What is loaded here is paid for at each start: no streams, no regular expressions, no lambda
 * that a plain class can do without.
 */
public final class ChildMain {
  /** This end of the socket to the parent, whose end is the end of the parent. */
  static final int CONTROL = 3;

  static final int TREE_MEMORY = 4;

  /** The arguments of the virtual machine, of no more use here. */
  static final int ARGUMENTS = 5;

  static final int PREPARATION = 6;

  /** What a child says when it is about to run its task. */
  static final byte[] UP = {};

  /** The same, from one whose virtual machine has not used the AOT cache that it was given. */
  static final byte[] AOT_MISSED = {1};

  private static final String SELF = "/proc/self/fd/";

  private ChildMain() {}

  /**
   * Runs the task of this process and ends it.
   *
   * @param arguments the name of the child, for those who look at the list of processes
   */
  public static void main(String[] arguments) {
    Preparation preparation = Preparation.read(content(PREPARATION));
    ProcessControl.dieWithParent();
    if (ProcessControl.parentPid() != preparation.parent().pid()) {
      Runtime.getRuntime().halt(1); // it died before the line above
    }
    // The kernel is to end this process by these, so that its exit code names the signal.
    ProcessControl.resetSignalUnlessIgnored(ProcessControl.SIGHUP);
    ProcessControl.resetSignal(ProcessControl.SIGINT);
    ProcessControl.resetSignal(ProcessControl.SIGTERM);
    Descriptors.close(ARGUMENTS);
    Descriptors.close(PREPARATION);
    Session session = Session.become(preparation.birth(), preparation.authKey());
    session.setStartMethod(preparation.startMethod());
    Locales.apply(preparation.locales());
    TreeMemory.attach(TREE_MEMORY);
    ExitOrder.install();
    FrameSocket control = new FrameSocket(CONTROL);
    boolean aotMissed = preparation.checksAot() && !AotCache.isInUse();
    control.send(aotMissed ? AOT_MISSED : UP);
    ParentWatch.start(control);
    TaskRunner.run(preparation.task());
  }

  /** Where a child finds the arguments of its virtual machine. */
  static String argumentsPath() {
    return SELF + ARGUMENTS;
  }

  private static byte[] content(int descriptor) {
    try (FileInputStream file = new FileInputStream(SELF + descriptor)) {
      return file.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(
          "this class is run by the library in child processes, and not by hand", e);
    }
  }
}
