import multiprocessing.Multiprocessing;
import multiprocessing.process.ChildProcess;
import multiprocessing.sync.Hold;
import multiprocessing.sync.ProcessLock;
import org.jspecify.annotations.NullMarked;

/** 10 lock: a lock, held by a try statement and by hand. */
@NullMarked
public final class Demo10Lock {
  private static void workerWith(ProcessLock lock) {
    try (Hold _ = lock.hold()) {
      System.out.println("Lock acquired via with");
    }
  }

  private static void workerNoWith(ProcessLock lock) {
    lock.lock();
    try {
      System.out.println("Lock acquired directly");
    } finally {
      lock.unlock();
    }
  }

  public static void main(String[] args) throws InterruptedException {
    ProcessLock lock = Multiprocessing.lock();
    ChildProcess with = Multiprocessing.process(() -> workerWith(lock));
    ChildProcess noWith = Multiprocessing.process(() -> workerNoWith(lock));

    with.start();
    noWith.start();

    with.join();
    noWith.join();
  }
}
