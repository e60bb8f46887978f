package multiprocessing.pool;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import multiprocessing.internal.os.Guest;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.process.SerializableFunction;
import multiprocessing.process.SerializableRunnable;
import org.jspecify.annotations.Nullable;

/** How a worker takes its tasks and tells their outcomes. */
final class WorkerLoop {
  private static final long FLUSH_NANOS = 200_000;

  /** Marks of the outcome of an item. */
  static final byte ITEM_VALUE = 0;

  static final byte ITEM_FAILURE = 1;

  private final Codec codec = Codec.shared();
  private final Channel channel;
  private final WorkerPlan plan;
  private final @Nullable MemoryGuard memory;
  private final Watch watch;
  private final Map<Long, SerializableFunction<@Nullable Object, @Nullable Object>> jobs =
      new HashMap<>();
  private final Message.Builder outcomes = new Message.Builder();

  WorkerLoop(Channel channel, WorkerPlan plan, boolean ownProcess) {
    this.channel = channel;
    this.plan = plan;
    this.watch = new Watch(channel);
    this.memory = ownProcess && plan.maxMemory > 0 ? new MemoryGuard(plan.maxMemory) : null;
  }

  void run() throws Exception {
    SerializableRunnable initializer = plan.initializer;
    if (initializer != null) {
      try {
        initializer.runChecked();
      } catch (Throwable thrown) {
        report(Message.FAILURE, 0, 0, codec.encodeFailure(thrown));
        return;
      }
    }
    byte[] ready = Message.of(Message.READY, 0, 0);
    channel.report(ready, ready.length, null);
    while (handle(takeMessage())) {
      boolean _ = Thread.interrupted(); // an interrupt meant for a task ends with it
      long bytes = memory == null ? 0 : memory.excess();
      if (bytes > 0) {
        byte[] full = Message.of(Message.FULL, bytes, 0);
        channel.report(full, full.length, null);
      }
    }
    SerializableRunnable hook = plan.exitHook;
    if (hook != null) {
      hook.runChecked();
    }
  }

  private byte[] takeMessage() {
    while (true) {
      try {
        return channel.take();
      } catch (InterruptedException e) {
        // It was meant for a task that has ended meanwhile.
      }
    }
  }

  private boolean handle(byte[] message) {
    long first = Message.first(message);
    long second = Message.second(message);
    boolean goesOn = true;
    switch (message[0]) {
      case Message.CALL -> call(message, first, second);
      case Message.JOB -> define(message, first, second);
      case Message.ITEMS -> {
        // The pool may have taken the job for a moment, just before this: see Worker.takeBack.
        while (!jobs.containsKey(second)) {
          goesOn &= handle(takeMessage());
        }
        apply(message, first, second);
      }
      case Message.FORGET -> jobs.remove(second);
      case Message.STOP -> goesOn = false;
      default -> throw new IllegalStateException("unknown message " + message[0]);
    }
    return goesOn;
  }

  private void call(byte[] message, long task, long flags) {
    if (flags == Message.WATCHED) {
      watch.start();
    }
    long start = System.nanoTime();
    watch.begin(channel.started(task, 0, start));
    Payload outcome;
    byte kind = Message.VALUE;
    try {
      Callable<?> callable = (Callable<?>) Objects.requireNonNull(content(message));
      outcome = codec.encode(callable.call(), "result");
      boolean _ = watch.end();
    } catch (Throwable thrown) {
      Guest.checkKilled(); // the task has not failed, but ends with its worker
      kind = Message.FAILURE;
      outcome = codec.encodeFailure(watch.end() ? watch.timedOut(start, thrown) : thrown);
    }
    report(kind, task, System.nanoTime() - start, outcome);
  }

  private @Nullable Object content(byte[] message) {
    return codec.decode(message, Message.HEAD, message.length - Message.HEAD);
  }

  private void define(byte[] message, long flags, long job) {
    if (flags == Message.WATCHED) {
      watch.start();
    }
    try {
      @SuppressWarnings("unchecked") // the pool sends nothing else here
      var function =
          (SerializableFunction<@Nullable Object, @Nullable Object>)
              Objects.requireNonNull(content(message));
      jobs.put(job, function);
    } catch (Throwable thrown) {
      // The function cannot be read here: each of its items tells so.
      jobs.put(
          job,
          item -> {
            throw thrown;
          });
    }
  }

  private void apply(byte[] message, long task, long job) {
    SerializableFunction<@Nullable Object, @Nullable Object> function =
        Objects.requireNonNull(jobs.get(job));
    Message.Pieces items = new Message.Pieces(message);
    long now = System.nanoTime();
    long flushed = now;
    outcomes.begin(Message.OUTCOMES, task, 0);
    channel.clearStage(task, 0);
    int first = 0; // whose outcome is not put yet
    for (int index = 0; items.next(); index++) {
      int before = outcomes.length();
      watch.begin(channel.started(task, index, now));
      try {
        Object value = function.applyChecked(items.decode(codec));
        outcomes.add(ITEM_VALUE, codec.encode(value, "result"));
        boolean _ = watch.end();
      } catch (Throwable thrown) {
        Guest.checkKilled();
        Throwable failure = watch.end() ? watch.timedOut(now, thrown) : thrown;
        outcomes.add(ITEM_FAILURE, codec.encodeFailure(failure));
      }
      now = System.nanoTime();
      if (now - flushed > FLUSH_NANOS || outcomes.length() > Channel.STAGE || !items.hasMore()) {
        flush(task, now - flushed);
        flushed = now;
        first = index + 1;
        channel.clearStage(task, first);
      } else {
        channel.stage(first, outcomes.bytes(), before, outcomes.length());
      }
    }
  }

  private void flush(long task, long nanos) {
    outcomes.setSecond(nanos);
    channel.report(outcomes.bytes(), outcomes.length(), null);
    outcomes.begin(Message.OUTCOMES, task, 0);
  }

  private void report(byte kind, long task, long nanos, Payload outcome) {
    byte[] head = Message.of(kind, task, nanos, outcome);
    try {
      channel.report(head, head.length, outcome.body());
    } catch (RuntimeException e) {
      if (kind == Message.FAILURE) {
        throw e;
      }
      report(Message.FAILURE, task, nanos, codec.encodeFailure(e)); // no room for the value
    }
  }
}
