package multiprocessing.pool;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.process.SerializableFunction;
import multiprocessing.process.SerializableRunnable;
import org.jspecify.annotations.Nullable;

/** What a worker does from its start to its end. */
final class WorkerMain implements SerializableRunnable {
  private static final long serialVersionUID = 1L;

  private static final long FLUSH_NANOS = 200_000;
  private static final int FLUSH_BYTES = 64 * 1024;

  /** Marks of the outcome of an item. */
  static final byte ITEM_VALUE = 0;

  static final byte ITEM_FAILURE = 1;

  private final Channel.Sent sent;
  private final @Nullable SerializableRunnable initializer;

  WorkerMain(Channel.Sent sent, @Nullable SerializableRunnable initializer) {
    this.sent = sent;
    this.initializer = initializer;
  }

  @Override
  public void runChecked() throws Exception {
    new Loop(sent.attach()).run(initializer);
  }

  private static final class Loop {
    private final Codec codec = Codec.shared();
    private final Channel channel;
    private final Map<Long, SerializableFunction<@Nullable Object, @Nullable Object>> jobs =
        new HashMap<>();
    private final Message.Builder outcomes = new Message.Builder();

    Loop(Channel channel) {
      this.channel = channel;
    }

    void run(@Nullable SerializableRunnable initializer) throws InterruptedException {
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
      while (handle(Objects.requireNonNull(takeMessage()))) {
        boolean _ = Thread.interrupted(); // an interrupt meant for a task ends with it
      }
    }

    private byte @Nullable [] takeMessage() {
      while (true) {
        try {
          return channel.tasks().take(Raw.INSTANCE, Long.MAX_VALUE);
        } catch (InterruptedException e) {
          // It was meant for a task that has ended meanwhile.
        }
      }
    }

    private boolean handle(byte[] message) {
      long first = Message.first(message);
      long second = Message.second(message);
      switch (message[0]) {
        case Message.CALL -> call(message, first);
        case Message.JOB -> define(message, second);
        case Message.ITEMS -> apply(message, first, second);
        case Message.FORGET -> jobs.remove(second);
        case Message.STOP -> {
          return false;
        }
        default -> throw new IllegalStateException("unknown message " + message[0]);
      }
      return true;
    }

    private void call(byte[] message, long task) {
      channel.started(task, 0);
      long start = System.nanoTime();
      Payload outcome;
      byte kind = Message.VALUE;
      try {
        Callable<?> callable = (Callable<?>) Objects.requireNonNull(content(message));
        outcome = codec.encode(callable.call(), "result");
      } catch (Throwable thrown) {
        kind = Message.FAILURE;
        outcome = codec.encodeFailure(thrown);
      }
      report(kind, task, System.nanoTime() - start, outcome);
    }

    private @Nullable Object content(byte[] message) {
      return codec.decode(message, Message.HEAD, message.length - Message.HEAD);
    }

    private void define(byte[] message, long job) {
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
      long flushed = System.nanoTime();
      outcomes.begin(Message.OUTCOMES, task, 0);
      for (int index = 0; items.next(); index++) {
        channel.started(task, index);
        try {
          Object value = function.applyChecked(items.decode(codec));
          outcomes.add(ITEM_VALUE, codec.encode(value, "result"));
        } catch (Throwable thrown) {
          outcomes.add(ITEM_FAILURE, codec.encodeFailure(thrown));
        }
        long now = System.nanoTime();
        if (now - flushed > FLUSH_NANOS || outcomes.length() > FLUSH_BYTES) {
          flush(task, now - flushed);
          flushed = now;
        }
      }
      if (outcomes.pieces() > 0) {
        flush(task, System.nanoTime() - flushed);
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
}
