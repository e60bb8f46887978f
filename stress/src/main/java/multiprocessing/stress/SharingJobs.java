package multiprocessing.stress;

import static multiprocessing.stress.Job.require;
import static multiprocessing.stress.ProcessJobs.end;
import static multiprocessing.stress.ProcessJobs.start;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Words;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessLock;
import multiprocessing.sync.ProcessSemaphore;
import org.jspecify.annotations.Nullable;

/** Several processes at one thing, of which some are killed, some before they have come to it. */
final class SharingJobs {
  private SharingJobs() {}

  /** Producers put, this process takes: all, and each producer's in its order. */
  static void queue(StartMethod method, Random random) throws InterruptedException {
    int count = random.nextInt(500);
    int size = random.nextInt(5) == 0 ? 100_000 : 20;
    ProcessQueue<byte[]> queue =
        random.nextBoolean() ? new ProcessQueue<>() : new ProcessQueue<>(1 + random.nextInt(10));
    List<ChildProcess> producers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      byte id = (byte) i;
      producers.add(
          start(
              method,
              () -> {
                for (int number = 0; number < count; number++) {
                  byte[] element = new byte[size];
                  element[0] = id;
                  element[1] = (byte) number;
                  element[2] = (byte) (number >> 8);
                  queue.put(element);
                }
              }));
    }
    int[] next = new int[2];
    for (int taken = 0; taken < 2 * count; taken++) {
      byte @Nullable [] element = queue.poll(60, TimeUnit.SECONDS);
      if (element == null) {
        throw new IllegalStateException("no element in 60 s, after " + taken);
      }
      int number = (element[1] & 0xff) | (element[2] & 0xff) << 8;
      require(number == next[element[0]]++, "element", number, "of producer", element[0]);
    }
    for (ChildProcess producer : producers) {
      require(end(producer) == 0, "a producer failed");
    }
    require(queue.isEmpty(), "elements that nobody has put");
    queue.close();
  }

  /** A consumer that is killed loses at most one element, and holds nobody up. */
  static void killedConsumer(StartMethod method, Random random) throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>();
    ProcessQueue<Integer> seen = new ProcessQueue<>();
    ChildProcess consumer =
        start(
            method,
            () -> {
              while (true) {
                seen.put(queue.take());
              }
            });
    int count = 200;
    for (int i = 0; i < count; i++) {
      queue.put(i);
    }
    TimeUnit.MICROSECONDS.sleep(random.nextInt(100_000));
    consumer.kill();
    end(consumer);
    int there = queue.size() + seen.size();
    require(there >= count - 1 && there <= count, "of", count, "elements there are", there);
    queue.put(count);
    for (int left = queue.size(); left > 0; left--) {
      require(queue.poll(60, TimeUnit.SECONDS) != null, "an element that cannot be taken");
    }
    queue.close();
    seen.close();
  }

  /** What a lock protects is never changed by two at a time, though some die with it. */
  static void lock(StartMethod method, Random random) throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    SharedBlock block = SharedBlock.create(2 * Long.BYTES);
    SharedBlock.Handle handle = block.export();
    Words.LONG.setVolatile(block.segment(), block.offset(), 0L);
    Words.LONG.setVolatile(block.segment(), block.offset() + Long.BYTES, 0L);
    List<ChildProcess> children = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      children.add(
          start(
              method,
              () -> {
                SharedBlock counters = handle.attach();
                for (int round = 0; round < 2_000; round++) {
                  count(lock, counters);
                }
              }));
    }
    if (random.nextBoolean()) {
      TimeUnit.MICROSECONDS.sleep(random.nextInt(100_000));
      children.getFirst().kill();
    }
    for (int round = 0; round < 200; round++) {
      count(lock, block);
    }
    for (ChildProcess child : children) {
      int code = end(child);
      require(code == 0 || code == -9, "exit code", code);
    }
    count(lock, block);
    block.close();
  }

  private static void count(ProcessLock lock, SharedBlock counters) {
    boolean told = false;
    try {
      lock.lock();
    } catch (OwnerDiedException e) {
      told = true; // and holds it now
    }
    try {
      long one = (long) Words.LONG.getVolatile(counters.segment(), counters.offset());
      long two = (long) Words.LONG.getVolatile(counters.segment(), counters.offset() + Long.BYTES);
      require(told || one == two, "two at a time behind a lock:", one, two);
      Words.LONG.setVolatile(counters.segment(), counters.offset(), one + 1);
      Words.LONG.setVolatile(counters.segment(), counters.offset() + Long.BYTES, one + 1);
      if (told) {
        lock.recover();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The permits of the dead come back. */
  static void semaphore(StartMethod method, Random random) throws InterruptedException {
    int permits = 1 + random.nextInt(3);
    ProcessSemaphore semaphore = new ProcessSemaphore(permits);
    List<ChildProcess> children = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      children.add(
          start(
              method,
              () -> {
                for (int round = 0; round < 500; round++) {
                  semaphore.acquire();
                  semaphore.release();
                }
              }));
    }
    TimeUnit.MICROSECONDS.sleep(random.nextInt(100_000));
    children.getFirst().kill();
    for (ChildProcess child : children) {
      end(child);
    }
    for (int i = 0; i < permits; i++) {
      require(semaphore.tryAcquire(Duration.ofSeconds(60)), "a permit is lost of", permits);
    }
    require(!semaphore.tryAcquire(), "a permit too many, of", permits);
    semaphore.release(permits);
  }
}
