package multiprocessing.bench.work;

import java.util.concurrent.TimeUnit;

/** The same as {@link QueueRoundTrip}, but the other process has long gone to sleep each time. */
final class QueueParked implements Work {
  private static final long PAUSE_MICROS = 2_000;

  /** So many that the code is compiled: with pauses that would take a minute. */
  private static final long WARM_UP = 100_000;

  private final QueueRoundTrip trip = new QueueRoundTrip();

  QueueParked() throws Exception {
    trip.run(WARM_UP);
  }

  @Override
  public long run(long count) throws InterruptedException {
    long spent = 0;
    for (long i = 0; i < count; i++) {
      TimeUnit.MICROSECONDS.sleep(PAUSE_MICROS); // it gives up spinning meanwhile
      spent += trip.run(1);
    }
    return spent;
  }
}
