package multiprocessing.pool;

import java.util.concurrent.CompletableFuture;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.serial.RemoteFailure;
import org.jspecify.annotations.Nullable;

/** A callable whose caller waits for it, so that its outcome can be made ready by the caller. */
final class DirectCall extends Task {
  private final Payload callable;
  private final String description;
  private final CompletableFuture<byte[]> reply = new CompletableFuture<>();
  private volatile boolean wakes;

  DirectCall(long id, TaskOptions options, Payload callable, String what) {
    super(id, options);
    this.callable = callable;
    this.description = "task " + id + " (" + (options.name() == null ? what : options.name()) + ")";
  }

  /** The message that tells the outcome; nothing may be made to depend on it. */
  CompletableFuture<byte[]> reply() {
    return reply;
  }

  /** Whether a worker has to wake first. */
  boolean wakes() {
    return wakes;
  }

  /** The value that a reply tells, or throws the exception that it tells. */
  static @Nullable Object valueOf(byte[] message) {
    Object value = Codec.shared().decode(message, Message.HEAD, message.length - Message.HEAD);
    if (value instanceof RemoteFailure failure && message[0] == Message.FAILURE) {
      throw Failure.sneak(failure.toThrowable());
    }
    return value;
  }

  @Override
  void send(Worker worker) {
    worker.send(Message.of(Message.CALL, id(), options().flags(), callable), callable.body());
    wakes = worker.wasWoken();
  }

  @Override
  boolean isCancelled() {
    return reply.isDone();
  }

  @Override
  boolean receive(byte[] message) {
    reply.complete(message);
    return true;
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
    reply.completeExceptionally(reason);
  }

  @Override
  boolean isFor(Object key) {
    return key == this;
  }
}
