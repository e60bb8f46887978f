package multiprocessing.pool;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;

/**
 * Where the threads of this process are, which locks they hold, and which they wait for. Virtual
 * threads are not among them.
 */
final class ThreadDump {
  private static final int MOST_FRAMES = 200;

  private final StringBuilder text = new StringBuilder();

  private ThreadDump() {}

  /** Of all threads but the calling one, that of the task first. */
  static String of(Thread task) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long[] deadlocked = threads.findDeadlockedThreads();
    ThreadInfo[] all = threads.dumpAllThreads(true, true, MOST_FRAMES);
    ThreadDump dump = new ThreadDump();
    if (deadlocked != null) {
      dump.deadlock(threads.getThreadInfo(deadlocked));
    }
    for (ThreadInfo each : all) {
      if (each.getThreadId() == task.threadId()) {
        dump.thread(each);
      }
    }
    for (ThreadInfo each : all) {
      long id = each.getThreadId();
      if (id != task.threadId() && id != Thread.currentThread().threadId()) {
        dump.thread(each);
      }
    }
    return dump.text.toString();
  }

  private void deadlock(ThreadInfo[] threads) {
    text.append("a deadlock of ").append(threads.length).append(" threads:");
    for (ThreadInfo each : threads) {
      if (each != null) { // it has ended meanwhile
        text.append(" \"").append(each.getThreadName()).append('"');
      }
    }
    text.append('\n');
  }

  private void thread(ThreadInfo thread) {
    StackTraceElement[] frames = thread.getStackTrace();
    if (frames.length == 0) {
      return; // of the virtual machine
    }
    text.append('"').append(thread.getThreadName()).append("\" ").append(thread.getThreadState());
    text.append('\n');
    for (int i = 0; i < frames.length; i++) {
      text.append("    at ").append(frames[i]).append('\n');
      if (i == 0 && thread.getLockInfo() != null) {
        text.append("    - waits for ").append(thread.getLockInfo());
        if (thread.getLockOwnerName() != null) {
          text.append(", which \"").append(thread.getLockOwnerName()).append("\" holds");
        }
        text.append('\n');
      }
      for (MonitorInfo monitor : thread.getLockedMonitors()) {
        if (monitor.getLockedStackDepth() == i) {
          text.append("    - holds ").append(monitor).append('\n');
        }
      }
    }
    for (LockInfo lock : thread.getLockedSynchronizers()) {
      text.append("    - holds ").append(lock).append('\n');
    }
  }
}
