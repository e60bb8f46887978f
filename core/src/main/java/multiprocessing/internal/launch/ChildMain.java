package multiprocessing.internal.launch;

import java.io.FileInputStream;
import java.io.IOException;
import multiprocessing.internal.classes.ServedClasses;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.ProcessControl;
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

  /** What the child is to be; empty for one that waits to be told. */
  static final int PREPARATION = 6;

  /** The line to the parent's classes, in a child that needs one. */
  static final int CLASSES = 7;

  private static final String SELF = "/proc/self/fd/";

  private ChildMain() {}

  /**
   * Runs the task of this process and ends it.
   *
   * @param arguments the name of the child, for those who look at the list of processes
   */
  public static void main(String[] arguments) {
    byte[] told = begin();
    FrameSocket control = new FrameSocket(CONTROL);
    boolean isAssigned = told.length == 0;
    if (isAssigned) {
      Assignment assignment = Assignment.await(control);
      if (assignment == null) {
        leave();
        return;
      }
      told = assignment.preparation();
    }
    Preparation preparation = Preparation.read(told);
    if (isAssigned) {
      ChildLife.setTimeZone(preparation.timeZone());
    }
    requireParent(preparation.parent().pid());
    if (preparation.isServed()) {
      ServedClasses.connect(CLASSES);
    }
    ChildLife.begin(preparation, control);
    ParentWatch.start(control);
    TaskRunner.run(preparation);
  }

  /** What each fresh virtual machine of the tree does first; gives what it was told. */
  static byte[] begin() {
    ProcessControl.dieWithParent();
    // The kernel is to end this process by these, so that its exit code names the signal.
    ProcessControl.resetSignalUnlessIgnored(ProcessControl.SIGHUP);
    ProcessControl.resetSignal(ProcessControl.SIGINT);
    ProcessControl.resetSignal(ProcessControl.SIGTERM);
    byte[] told = content(PREPARATION);
    Descriptors.close(ARGUMENTS);
    Descriptors.close(PREPARATION);
    TreeMemory.inherit(TREE_MEMORY);
    return told;
  }

  /** Leaves if the parent died before this process asked to die with it. */
  static void requireParent(long pid) {
    if (ProcessControl.parentPid() != pid) {
      leave();
    }
  }

  /** Ends this process, which nobody waits for. */
  static void leave() {
    Runtime.getRuntime().halt(1);
  }

  /** Where a child finds the arguments of its virtual machine. */
  static String argumentsPath() {
    return SELF + ARGUMENTS;
  }

  static byte[] content(int descriptor) {
    try (FileInputStream file = new FileInputStream(SELF + descriptor)) {
      return file.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(
          "this class is run by the library in child processes, and not by hand", e);
    }
  }
}
