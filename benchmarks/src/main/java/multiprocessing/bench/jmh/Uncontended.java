package multiprocessing.bench.jmh;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import multiprocessing.sync.ProcessLock;
import multiprocessing.sync.ProcessReentrantLock;
import multiprocessing.sync.ProcessSemaphore;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What is taken and given back while nobody else wants it, beside what the JDK has for threads. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Uncontended {
  private final Lock processLock = new ProcessLock();
  private final Lock processReentrantLock = new ProcessReentrantLock();
  private final Lock reentrantLock = new ReentrantLock();
  private final ProcessSemaphore processSemaphore = new ProcessSemaphore(1);
  private final Semaphore semaphore = new Semaphore(1);

  @Benchmark
  public void processLock() {
    take(processLock);
  }

  @Benchmark
  public void processReentrantLock() {
    take(processReentrantLock);
  }

  @Benchmark
  public void reentrantLockOfTheJdk() {
    take(reentrantLock);
  }

  private static void take(Lock lock) {
    lock.lock();
    try {
      // Nothing: it is the lock that is measured.
    } finally {
      lock.unlock();
    }
  }

  @Benchmark
  public void processSemaphore() throws InterruptedException {
    processSemaphore.acquire();
    processSemaphore.release();
  }

  @Benchmark
  public void semaphoreOfTheJdk() throws InterruptedException {
    semaphore.acquire();
    semaphore.release();
  }
}
