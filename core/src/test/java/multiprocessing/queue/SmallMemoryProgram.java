package multiprocessing.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.SharedMemoryExhaustedException;
import multiprocessing.process.ChildProcess;
import multiprocessing.sync.ProcessLock;

/** The root of a tree with little shared memory, which it uses up. */
@SuppressWarnings("LockNotBeforeTry") // locks are what is tested: they are locked in every order
final class SmallMemoryProgram {
  private SmallMemoryProgram() {}

  public static void main(String[] arguments) throws InterruptedException {
    // One queue: that of the last size would be collected, and make room, in the middle of the
    // next.
    ProcessQueue<byte[]> queue = new ProcessQueue<>();
    for (int size : new int[] {10, 3_000, 5_000, 100_000}) {
      fillAndDrain(queue, size);
    }
    fillFromAChild();
    manyLocks();
    System.out.println("all is well");
  }

  private static void fillAndDrain(ProcessQueue<byte[]> queue, int size)
      throws InterruptedException {
    int[] counts = new int[4];
    for (int round = 0; round < counts.length; round++) {
      int count = fill(queue, size);
      check(queue.size() == count, "size " + queue.size() + " after " + count + " elements");
      boolean fails = false;
      try {
        queue.offer(new byte[size], 1, TimeUnit.DAYS);
      } catch (SharedMemoryExhaustedException e) {
        fails = true;
      }
      check(fails, "an offer to full memory");
      for (int i = 0; i < count; i++) {
        byte[] element = queue.take();
        check(element.length == size && element[0] == (byte) i, "element " + i);
      }
      check(queue.poll() == null, "no more");
      counts[round] = count;
    }
    for (int count : counts) {
      check(count > counts[0] * 3 / 4, "as many as before: " + List.of(counts[0], count));
    }
  }

  private static int fill(ProcessQueue<byte[]> queue, int size) throws InterruptedException {
    int count = 0;
    try {
      while (true) {
        byte[] element = new byte[size];
        element[0] = (byte) count;
        queue.put(element);
        count++;
      }
    } catch (SharedMemoryExhaustedException e) {
      return count;
    }
  }

  private static void fillFromAChild() throws InterruptedException {
    ProcessQueue<byte[]> queue = new ProcessQueue<>();
    ChildProcess child = ChildProcess.of(() -> check(fill(queue, 1_000) > 100, "many"));
    child.start();
    child.join();
    check(child.exitCode().orElse(-1) == 0, "exit code " + child.exitCode());
    int count = queue.size();
    for (int i = 0; i < count; i++) {
      check(queue.take()[0] == (byte) i, "element " + i);
    }
    queue.put(new byte[1_000]);
    check(queue.take().length == 1_000, "usable");
  }

  private static void manyLocks() throws InterruptedException {
    ProcessQueue<byte[]> queue = new ProcessQueue<>();
    check(fill(queue, 100_000) > 0, "some");
    List<ProcessLock> locks = new ArrayList<>();
    try {
      while (true) {
        locks.add(new ProcessLock());
      }
    } catch (SharedMemoryExhaustedException e) {
      locks.getLast().lock();
      locks.getLast().unlock();
    }
    int count = locks.size();
    locks.clear();
    long start = System.nanoTime();
    while (true) {
      try {
        System.gc();
        Thread.sleep(100);
        for (int i = 0; i < count / 2; i++) {
          locks.add(new ProcessLock());
        }
        check(queue.take().length == 100_000, "the queue is still there");
        return;
      } catch (SharedMemoryExhaustedException e) {
        locks.clear(); // the cleaner has not come by yet
        check(System.nanoTime() - start < 20_000_000_000L, "locks are freed");
      }
    }
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
