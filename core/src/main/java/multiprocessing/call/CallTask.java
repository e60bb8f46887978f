package multiprocessing.call;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.ShutdownException;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.shm.RecordQueue;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.SerializableRunnable;
import org.jspecify.annotations.Nullable;

/** What the process of a call does: the task, and a watch that tells where it is at the end. */
final class CallTask implements SerializableRunnable {
  private static final long serialVersionUID = 1L;

  private final SharedBlock.Handle answers;
  private final SerializableCallable<?> task;
  private final long deadlineNanos;

  /**
   * A task.
   *
   * @param deadlineNanos when its time is up, by {@code System.nanoTime}, which is the same for all
   *     processes of a Linux machine; {@code Long.MAX_VALUE} for never
   */
  CallTask(SharedBlock.Handle answers, SerializableCallable<?> task, long deadlineNanos) {
    this.answers = answers;
    this.task = task;
    this.deadlineNanos = deadlineNanos;
  }

  @Override
  @SuppressWarnings("SystemOut")
  public void runChecked() throws Exception {
    RecordQueue queue = RecordQueue.at(answers.attach());
    Thread watch = startWatch(queue);
    Answer.put(queue, Answer.BEGUN, "");
    try {
      Object value = task.call();
      System.out.flush();
      Answer.put(queue, Answer.VALUE, Codec.shared().encode(value, "result"));
    } catch (ShutdownException e) {
      // nobody waits for the answer any more
    } catch (Throwable thrown) {
      fail(queue, thrown);
    } finally {
      if (watch != null) {
        watch.interrupt();
      }
    }
  }

  private static void fail(RecordQueue queue, Throwable thrown) {
    try {
      Answer.put(queue, Answer.FAILURE, Codec.shared().encodeFailure(thrown));
    } catch (OutOfMemoryError e) {
      // What the task held is garbage only now; the same error, with less to say.
      OutOfMemoryError small = new OutOfMemoryError(e.getMessage());
      small.setStackTrace(new StackTraceElement[0]);
      Answer.put(queue, Answer.FAILURE, Codec.shared().encodeFailure(small));
    }
  }

  private @Nullable Thread startWatch(RecordQueue queue) {
    if (deadlineNanos == Long.MAX_VALUE) {
      return null;
    }
    Thread caller = Thread.currentThread();
    Thread watch = new Thread(() -> watch(queue, caller), "multiprocessing-call-watch");
    watch.setDaemon(true);
    watch.start();
    return watch;
  }

  private void watch(RecordQueue queue, Thread caller) {
    try {
      TimeUnit.NANOSECONDS.sleep(deadlineNanos - System.nanoTime());
      Answer.put(queue, Answer.DUMP, dump(caller));
    } catch (InterruptedException | ShutdownException e) {
      // it was in time, or nobody waits any more
    }
  }

  private static String dump(Thread first) {
    Map<Thread, StackTraceElement[]> all = Thread.getAllStackTraces();
    StringBuilder text = new StringBuilder();
    append(text, first, all.getOrDefault(first, first.getStackTrace()));
    all.forEach(
        (thread, stack) -> {
          if (thread != first && thread != Thread.currentThread() && stack.length > 0) {
            append(text, thread, stack);
          }
        });
    return text.toString();
  }

  private static void append(StringBuilder text, Thread thread, StackTraceElement[] stack) {
    text.append('"').append(thread.getName()).append("\" ").append(thread.getState()).append('\n');
    for (StackTraceElement frame : stack) {
      text.append("    at ").append(frame).append('\n');
    }
  }
}
