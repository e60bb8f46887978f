package multiprocessing.internal.launch;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import org.jspecify.annotations.Nullable;

/** Runs the task of a child, and then the end of the child. */
final class TaskRunner {
  private static final int UNCAUGHT = 1;

  private static Set<Thread> inherited = Set.of();

  private TaskRunner() {}

  /**
   * Does not return.
   *
   * @param source where the task comes from; taking it there may fail as the task itself may
   */
  static void run(Supplier<Runnable> source) {
    int code = runTask(source);
    finish(code);
    System.exit(code);
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
      Runnable task = source.get();
      Log.info("child process calling run()");
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

  /** Says that something was thrown that nobody caught. */
  static void report(Throwable thrown) {
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
      if (!thread.isDaemon() && thread != Thread.currentThread() && !inherited.contains(thread)) {
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

  @SuppressWarnings("SystemOut")
  static void flush() {
    if (System.out != null) {
      System.out.flush();
    }
    if (System.err != null) {
      System.err.flush();
    }
  }
}
