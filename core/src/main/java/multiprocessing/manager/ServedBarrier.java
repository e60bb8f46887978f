package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A barrier in the server. One who waits and goes is interrupted there, by which it breaks. */
final class ServedBarrier implements ManagedBarrier, Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient CyclicBarrier barrier;

  ServedBarrier(int parties, @Nullable Runnable action) {
    this.barrier = new CyclicBarrier(parties, action);
  }

  @Override
  public Class<?> face() {
    return ManagedBarrier.class;
  }

  @Serial
  private Object writeReplace() {
    return Reference.of(this);
  }

  @Override
  public int await() throws InterruptedException, BrokenBarrierException {
    return barrier.await();
  }

  @Override
  public int await(Duration timeout)
      throws InterruptedException, BrokenBarrierException, TimeoutException {
    return barrier.await(Remaining.of(timeout).nanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void reset() {
    barrier.reset();
  }

  @Override
  public int parties() {
    return barrier.getParties();
  }

  @Override
  public int waiting() {
    return barrier.getNumberWaiting();
  }

  @Override
  public boolean isBroken() {
    return barrier.isBroken();
  }

  @Override
  public String toString() {
    return "Barrier[" + barrier.getNumberWaiting() + " of " + barrier.getParties() + "]";
  }
}
