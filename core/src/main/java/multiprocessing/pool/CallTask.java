package multiprocessing.pool;

import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.serial.RemoteFailure;
import org.jspecify.annotations.Nullable;

/** A callable that one worker runs, and the future of its value. */
final class CallTask<R extends @Nullable Object> extends Task {
  private final Payload callable;
  private final String description;
  private final TaskFuture<R> future;

  CallTask(long id, TaskOptions options, Payload callable, String what, TaskFuture<R> future) {
    super(id, options);
    this.callable = callable;
    this.description = "task " + id + " (" + (options.name() == null ? what : options.name()) + ")";
    this.future = future;
  }

  TaskFuture<R> future() {
    return future;
  }

  @Override
  void send(Worker worker) {
    future.heldBy(worker, id());
    worker.send(Message.of(Message.CALL, id(), options().flags(), callable), callable.body());
  }

  @Override
  boolean isCancelled() {
    return future.isDone();
  }

  @Override
  boolean receive(byte[] message) {
    future.ran(Message.second(message));
    // Completing runs the functions that depend on the future: not here, where they would hold up
    // the pool, or wait for it for ever if they use it themselves.
    Thread.startVirtualThread(() -> complete(message));
    return true;
  }

  @SuppressWarnings("unchecked") // the callable was one of R
  private void complete(byte[] message) {
    Codec codec = Codec.shared();
    try {
      Object value = codec.decode(message, Message.HEAD, message.length - Message.HEAD);
      if (value instanceof RemoteFailure failure && message[0] == Message.FAILURE) {
        future.completeExceptionally(failure.toThrowable());
      } else {
        future.complete((R) value);
      }
    } catch (Throwable undecodable) {
      future.completeExceptionally(undecodable);
    }
  }

  @Override
  void lost(Dispatcher dispatcher, Worker worker, int started) {
    if (worker.dumpBeforeKill() != null || lostTooOften()) {
      fail(loss(worker, description));
    } else {
      dispatcher.again(this);
    }
  }

  @Override
  String describe(int item) {
    return description;
  }

  @Override
  public void fail(Throwable reason) {
    Thread.startVirtualThread(() -> future.completeExceptionally(reason));
  }

  @Override
  boolean isFor(Object key) {
    return future == key;
  }
}
