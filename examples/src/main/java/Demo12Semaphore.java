import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import multiprocessing.Multiprocessing;
import multiprocessing.manager.ManagedList;
import multiprocessing.manager.Manager;
import multiprocessing.process.ChildProcess;
import multiprocessing.sync.Hold;
import multiprocessing.sync.ProcessLock;
import multiprocessing.sync.ProcessSemaphore;
import org.jspecify.annotations.NullMarked;

/** 12 semaphore: ten processes, of which three at most are active at a time. */
@NullMarked
public final class Demo12Semaphore {
  record ActivePool(ManagedList<String> active, ProcessLock lock) implements Serializable {
    void makeActive(String name) {
      try (Hold _ = lock.hold()) {
        active.add(name);
      }
    }

    void makeInactive(String name) {
      try (Hold _ = lock.hold()) {
        active.remove(name);
      }
    }

    /** As Python writes a list of strings. */
    @Override
    public String toString() {
      try (Hold _ = lock.hold()) {
        return active.stream().map(name -> "'" + name + "'").toList().toString();
      }
    }
  }

  private static void worker(ProcessSemaphore semaphore, ActivePool pool)
      throws InterruptedException {
    String name = Multiprocessing.currentProcess().name();
    try (Hold _ = semaphore.hold()) {
      pool.makeActive(name);
      System.out.println("Activating " + name + " now running " + pool);
      Thread.sleep(ThreadLocalRandom.current().nextLong(1000));
      pool.makeInactive(name);
    }
  }

  public static void main(String[] args) throws InterruptedException {
    try (Manager manager = Multiprocessing.manager()) {
      ActivePool pool = new ActivePool(manager.list(), Multiprocessing.lock());
      ProcessSemaphore semaphore = Multiprocessing.semaphore(3);
      List<ChildProcess> jobs = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        jobs.add(
            Multiprocessing.process().name("" + i).target(() -> worker(semaphore, pool)).build());
      }

      for (ChildProcess job : jobs) {
        job.start();
      }

      while (true) {
        int alive = 0;
        for (ChildProcess job : jobs) {
          if (job.isAlive()) {
            alive++;
            boolean _ = job.join(Duration.ofMillis(100));
            System.out.println("Now running " + pool);
          }
        }
        if (alive == 0) {
          // all done
          break;
        }
      }
    }
  }
}
