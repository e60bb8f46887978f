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

  CallTask(long id, Payload callable, String description, TaskFuture<R> future) {
    super(id);
    this.callable = callable;
    this.description = description;
    this.future = future;
  }

  TaskFuture<R> future() {
    return future;
  }

  @Override
  void send(Worker worker) {
    future.heldBy(worker);
    worker.send(Message.of(Message.CALL, id(), 0, callable), callable.body());
  }

  @Override
  boolean isCancelled() {
    return future.isDone();
  }

  @Override
  boolean receive(byte[] message) {
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
    if (!lostTooOften(dispatcher)) {
      dispatcher.again(this);
    } else {
      fail(workerLost(worker, description));
    }
  }

  @Override
  void fail(Throwable reason) {
    Thread.startVirtualThread(() -> future.completeExceptionally(reason));
  }

  /** The place of the future among those that a pool gave out; for looking a task up by it. */
  boolean isFor(@Nullable Object other) {
    return future == other;
  }
}
