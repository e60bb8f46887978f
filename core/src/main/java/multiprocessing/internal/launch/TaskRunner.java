package multiprocessing.internal.launch;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import multiprocessing.internal.os.ForkHelper;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import org.jspecify.annotations.Nullable;

/** Runs the task of a child, and then the end of the child. */
public final class TaskRunner {
  private static final int UNCAUGHT = 1;

  private static Set<Thread> inherited = Set.of();

  private TaskRunner() {}

  /**
   * Runs the task and ends the process; returns only if that ends by itself.
   *
   * <p>{@code System.exit} would find a logger for the news, and take the virtual machine down,
   * both of which takes time; but agents may want to see that.
   *
   * @param preparation where the task comes from; taking it there may fail as the task itself may
   */
  static void run(Preparation preparation) {
    int code = runTask(preparation);
    finish(code);
    if (preparation.isOrdinary() && ForkHelper.file() != null) {
      ForkHelper.leave(code);
    }
    if (code != 0 || otherThread() != null) {
      System.exit(code);
    }
  }

  /** Does what is due before the process exits. */
  static void finish(int code) {
    ExitOrder.run();
    Log.info("process exiting with exitcode " + code);
    flush();
  }

  /** Runs the task to its very end, and gives the exit code. */
  static int runTask(Supplier<Runnable> source) {
    int code = 0;
    try {
      Runnable task = take(source);
      Log.info("child process calling self.run()");
      task.run();
    } catch (Throwable thrown) {
      code = UNCAUGHT;
      report(thrown);
    }
    try {
      awaitOtherThreads();
    } catch (InterruptedException e) {
      // somebody wants this process to end now
    }
    return code;
  }

  /** What it takes to have the task, static initializers for one, is not to start children. */
  private static Runnable take(Supplier<Runnable> source) {
    Session session = Session.get();
    session.setSettingUp(true);
    try {
      return source.get();
    } finally {
      session.setSettingUp(false);
    }
  }

  /** Says that something was thrown that nobody caught. */
  public static void report(Throwable thrown) {
    try {
      StringWriter text = new StringWriter();
      PrintWriter lines = new PrintWriter(text);
      lines.println("Process " + Session.get().name() + ":");
      thrown.printStackTrace(lines);
      flush();
      Log.toStderr(text.toString());
    } catch (Throwable again) {
      Log.toStderr("Process " + Session.get().name() + ": " + thrown.getClass().getName() + "\n");
    }
  }

  /** Counts the threads that there are as not there: they do not run in this fork. */
  static void forgetThreads() {
    Set<Thread> threads = Collections.newSetFromMap(new IdentityHashMap<>());
    threads.addAll(threads());
    inherited = threads;
  }

  /** A program in Java ends with its last thread that is no daemon; so does a child. */
  private static void awaitOtherThreads() throws InterruptedException {
    for (Thread other = otherThread(); other != null; other = otherThread()) {
      other.join();
    }
  }

  static @Nullable Thread otherThread() {
    for (Thread thread : threads()) {
      if (!thread.isDaemon()
          && thread != Thread.currentThread()
          && !Supervisor.isJoiner(thread)
          && !inherited.contains(thread)) {
        return thread;
      }
    }
    return null;
  }

  private static List<Thread> threads() {
    ThreadGroup all = Thread.currentThread().getThreadGroup();
    for (ThreadGroup above = all.getParent(); above != null; above = above.getParent()) {
      all = above;
    }
    Thread[] threads = new Thread[all.activeCount() + 16];
    int count = all.enumerate(threads);
    return Arrays.asList(threads).subList(0, count);
  }

  /** Writes out what this process has printed. */
  @SuppressWarnings("SystemOut")
  public static void flush() {
    if (System.out != null) {
      System.out.flush();
    }
    if (System.err != null) {
      System.err.flush();
    }
  }
}
