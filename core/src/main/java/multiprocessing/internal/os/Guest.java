package multiprocessing.internal.os;

import org.jspecify.annotations.Nullable;

/**
 * A process that is none of the system's: a thread of this virtual machine that counts as a process
 * of the tree, with the threads that it starts.
 *
 * <p>Its pid is the number that the kernel gives the thread. Processes and threads are numbered
 * alike, so no process of the machine has the same at that time, and others find in {@code /proc}
 * whether it lives, as they do of processes.
 */
public final class Guest {
  private static final InheritableThreadLocal<@Nullable Guest> OF_THREAD =
      new InheritableThreadLocal<>();

  private static volatile boolean any;

  private final long pid;
  private final Object session;
  private volatile int tableId;
  private volatile int signal;
  private volatile boolean isLeaving;

  private Guest(long pid, Object session) {
    this.pid = pid;
    this.session = session;
  }

  /** Makes a process of the calling thread. */
  public static Guest enter(long pid, Object session) {
    Guest guest = new Guest(pid, session);
    OF_THREAD.set(guest);
    any = true;
    return guest;
  }

  /** The number of the calling thread. */
  public static long threadId() {
    return SystemCall.call(SystemCall.GETTID);
  }

  /** The guest that the calling thread belongs to; null if it is this process itself. */
  public static @Nullable Guest current() {
    return any ? OF_THREAD.get() : null;
  }

  /** From now on the calling thread is one of this process again. */
  public static void exit() {
    OF_THREAD.remove();
  }

  /** This process is a fork, in which there is no thread but the calling one. */
  public static void forked() {
    OF_THREAD.remove();
    any = false;
  }

  /** The group of threads that those of this process and of its guests are in, or below. */
  public static ThreadGroup outerGroup() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    ThreadGroup above = group.getParent();
    while (above != null && above.getParent() != null) { // the uppermost is the JDK's own
      group = above;
      above = group.getParent();
    }
    return group;
  }

  public long pid() {
    return pid;
  }

  /** What stands for it in the room that knows of sessions. */
  public Object session() {
    return session;
  }

  /** Its id in the table of processes. */
  public int tableId() {
    return tableId;
  }

  public void setTableId(int id) {
    tableId = id;
  }

  /** The signal by which it is to end; 0 if it may go on. */
  public int signal() {
    return signal;
  }

  public void setSignal(int number) {
    signal = number;
  }

  /** Its task is over, and what it has to do yet is not to be cut short. */
  public void leave() {
    isLeaving = true;
  }

  /**
   * Ends the task of a guest that was killed. To be called by whoever waits without holding
   * anything.
   */
  public static void checkKilled() {
    Guest guest = current();
    if (guest != null && guest.isKilled() && !guest.isLeaving) {
      throw new Killed();
    }
  }

  /** Whether the calling thread is one of a guest that was killed, and has not ended yet. */
  public static boolean isDying() {
    Guest guest = current();
    return guest != null && guest.isKilled();
  }

  private boolean isKilled() {
    return signal == ProcessControl.SIGKILL || signal == ProcessControl.SIGTERM;
  }

  /** Unwinds the stack of a killed guest: an error, so that it is not taken for one of a task's. */
  public static final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    private Killed() {
      super("this child, a thread of the virtual machine, was killed", null, false, false);
    }
  }
}
