package multiprocessing.internal.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.internal.sync.Permits;
import multiprocessing.internal.sync.Words;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.sync.ProcessLock;
import multiprocessing.testing.Children;
import multiprocessing.testing.CrashPoints;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Several processes work on the same things, and are killed at random moments. What is left is
 * compared with what each had written down of what it did.
 */
@Tag("crash")
@ProcessTest
class RandomKillTest {
  private static final int WORKERS = 3;
  private static final int BOUND = 40;
  private static final int PERMITS = 2;

  @Test
  @Deadline(seconds = 100)
  void nothingIsLostButWhatTheDeadHadInHand() throws InterruptedException {
    run(5_000, CrashPoints.round());
  }

  @Test
  @Tag("stress")
  @Deadline(seconds = 1_200)
  void nothingIsLostForLong() throws InterruptedException {
    for (int round = 0; round < 20; round++) {
      run(30_000, round);
    }
  }

  /**
   * What a worker tells of itself, in memory that outlives it.
   *
   * <pre>
   *   +0   how many elements it has put      +8   how often it has counted under the lock
   *   +16  how many it has taken             +24  their list: worker (32 bits) | number (32 bits)
   * </pre>
   */
  private record Journal(MemorySegment memory, long base) {
    static final long PUTS = 0;
    static final long COUNTS = 8;
    static final long TAKES = 16;
    static final long LIST = 24;
    static final int MOST_TAKES = 400_000;
    static final long BYTES = LIST + MOST_TAKES * 8L;

    long get(long field) {
      return (long) Words.LONG.getVolatile(memory, base + field);
    }

    void set(long field, long value) {
      Words.LONG.setVolatile(memory, base + field, value);
    }

    void taken(long worker, long number) {
      long takes = get(TAKES);
      set(LIST + takes * 8, worker << 32 | number);
      set(TAKES, takes + 1);
    }
  }

  /**
   * What a worker works on.
   *
   * @param stop a word that is not 0 when all shall end
   * @param counters two words that are equal when nobody has the lock
   */
  private record Bench(
      SharedBlock.Handle queue,
      SharedBlock.Handle semaphore,
      SharedBlock.Handle stop,
      SharedBlock.Handle counters,
      ProcessLock lock)
      implements java.io.Serializable {}

  private record Worker(Bench bench, int id, SharedBlock.Handle note)
      implements SerializableRunnable {
    @Override
    public void runChecked() throws Exception {
      RecordQueue queue = RecordQueue.at(bench.queue().attach());
      SharedBlock stop = bench.stop().attach();
      SharedBlock counters = bench.counters().attach();
      SharedBlock noteBlock = note.attach();
      Journal journal = new Journal(noteBlock.segment(), noteBlock.offset());
      SharedBlock permitBlock = bench.semaphore().attach();
      Permits permits =
          new Permits(permitBlock.segment(), permitBlock.offset(), permitBlock.processes());
      Random random = new Random(id);
      List<Long> blocks = new ArrayList<>();
      while ((long) Words.LONG.getVolatile(stop.segment(), stop.offset()) == 0
          && journal.get(Journal.TAKES) < Journal.MOST_TAKES) {
        int dice = random.nextInt(100);
        if (dice < 35) {
          int number = (int) journal.get(Journal.PUTS);
          if (RawBytes.put(queue, element(id, number), 2_000_000)) {
            journal.set(Journal.PUTS, number + 1);
          }
        } else if (dice < 70) {
          byte[] element = RawBytes.take(queue, 2_000_000);
          if (element != null) {
            int worker = read(element, 0);
            int number = read(element, 4);
            assertArrayEquals(element(worker, number), element, "content");
            journal.taken(worker, number);
          }
        } else if (dice < 80) {
          count(bench.lock(), counters);
          journal.set(Journal.COUNTS, journal.get(Journal.COUNTS) + 1);
        } else if (dice < 85) {
          permits.acquire(Long.MAX_VALUE);
          permits.release(1);
        } else if (blocks.size() < 20) {
          blocks.add(queue.block().memory().allocate(1L << random.nextInt(16)));
        } else {
          queue.block().memory().free(blocks.remove(random.nextInt(blocks.size())));
        }
      }
      for (long block : blocks) {
        queue.block().memory().free(block);
      }
    }
  }

  /** Adds one to both counters; sets right what a dead one had half done. */
  private static void count(ProcessLock lock, SharedBlock counters) {
    MemorySegment memory = counters.segment();
    long at = counters.offset();
    try {
      lock.lock();
    } catch (OwnerDiedException e) {
      Words.LONG.setVolatile(memory, at + 8, (long) Words.LONG.getVolatile(memory, at));
      lock.recover();
    }
    long first = (long) Words.LONG.getVolatile(memory, at);
    assertEquals(first, (long) Words.LONG.getVolatile(memory, at + 8), "the two counters");
    Words.LONG.setVolatile(memory, at, first + 1);
    Words.LONG.setVolatile(memory, at + 8, first + 1);
    lock.unlock();
  }

  private static byte[] element(int worker, int number) {
    int random = new Random(worker * 31L + number).nextInt(100);
    int size = 8 + (random < 90 ? random * 4 : random < 97 ? random * 50 : random * 300);
    byte[] bytes = new byte[size];
    for (int i = 8; i < size; i += 97) {
      bytes[i] = (byte) (worker + number + i);
    }
    write(bytes, 0, worker);
    write(bytes, 4, number);
    return bytes;
  }

  private static void write(byte[] bytes, int at, int value) {
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (value >>> (8 * i));
    }
  }

  private static int read(byte[] bytes, int at) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      value |= (bytes[at + i] & 0xFF) << (8 * i);
    }
    return value;
  }

  /** A worker and what it has written down. */
  private record Started(ChildProcess child, int id, SharedBlock note, Journal journal) {}

  private static Started start(Bench bench, int id, boolean isSlow) {
    SharedBlock note = SharedBlock.create(Journal.BYTES);
    Worker worker = new Worker(bench, id, note.export());
    StartMethod method = CrashPoints.startMethod();
    // An interpreter spends more of its time inside the critical sections; a fork is as it is.
    String[] options = {isSlow ? "-Xint" : "-XX:TieredStopAtLevel=1"};
    ChildProcess child =
        Children.start(method, worker, method == StartMethod.SPAWN ? options : new String[0]);
    return new Started(child, id, note, new Journal(note.segment(), note.offset()));
  }

  private static void run(long millis, long seed) throws InterruptedException {
    TreeMemory memory = TreeMemory.get();
    RecordQueue queue = RecordQueue.create(BOUND);
    SharedBlock semaphore = SharedBlock.create(Permits.BYTES);
    Permits permits = new Permits(semaphore.segment(), semaphore.offset(), semaphore.processes());
    permits.format(PERMITS, -1);
    SharedBlock stop = SharedBlock.create(8);
    SharedBlock counters = SharedBlock.create(16);
    ProcessLock lock = new ProcessLock();
    Bench bench =
        new Bench(
            queue.block().export(), semaphore.export(), stop.export(), counters.export(), lock);

    Random random = new Random(seed);
    List<Started> all = new ArrayList<>();
    List<Started> running = new ArrayList<>();
    int kills = 0;
    long start = System.nanoTime();
    while (System.nanoTime() - start < millis * 1_000_000) {
      while (running.size() < WORKERS) {
        Started started = start(bench, all.size(), all.size() % 2 == 0);
        all.add(started);
        running.add(started);
      }
      Started victim = running.get(random.nextInt(WORKERS));
      Children.await(() -> victim.journal.get(Journal.TAKES) > 0 || !victim.child.isAlive());
      Thread.sleep(0, random.nextInt(999_999));
      Thread.sleep(random.nextInt(20));
      running.remove(victim);
      Children.kill(victim.child);
      kills++;
    }
    Words.LONG.setVolatile(stop.segment(), stop.offset(), 1L);
    for (Started each : running) {
      Children.joinAll(each.child);
    }

    HeapWalk.of(memory);
    checkCounters(all, kills, counters, lock);
    for (int i = 0; i < PERMITS; i++) {
      assertTrue(permits.acquire(Long.MAX_VALUE));
    }
    assertEquals(0, permits.available());
    checkElements(all, kills, queue);

    queue.block().close();
    semaphore.close();
    stop.close();
    counters.close();
    all.forEach(each -> each.note.close());
    HeapWalk.of(memory);
  }

  private static void checkCounters(
      List<Started> all, int kills, SharedBlock counters, ProcessLock lock) {
    count(lock, counters);
    long counted = (long) Words.LONG.getVolatile(counters.segment(), counters.offset()) - 1;
    long told = all.stream().mapToLong(each -> each.journal.get(Journal.COUNTS)).sum();
    assertTrue(told <= counted && counted <= told + kills, told + " told, " + counted + " counted");
  }

  private static void checkElements(List<Started> all, int kills, RecordQueue queue) {
    Map<Long, Integer> seen = new HashMap<>();
    for (Started each : all) {
      for (long i = 0; i < each.journal.get(Journal.TAKES); i++) {
        seen.merge(each.journal.get(Journal.LIST + i * 8), 1, Integer::sum);
      }
    }
    for (byte[] each = RawBytes.poll(queue); each != null; each = RawBytes.poll(queue)) {
      seen.merge((long) read(each, 0) << 32 | read(each, 4), 1, Integer::sum);
    }
    assertEquals(0, queue.size());
    int room = 0;
    while (RawBytes.offer(queue, new byte[8])) {
      room++;
    }
    assertEquals(BOUND, room, "capacity");

    seen.forEach((element, times) -> assertEquals(1, times, "times that " + element + " came"));
    int missing = 0;
    for (Started each : all) {
      long put = each.journal.get(Journal.PUTS);
      for (long number = 0; number < put; number++) {
        if (!seen.containsKey((long) each.id << 32 | number)) {
          missing++;
        }
      }
      // It may have put one more than it could tell, but not two.
      long beyond = put + 1;
      assertTrue(!seen.containsKey((long) each.id << 32 | beyond), "an element never put");
    }
    assertTrue(missing <= kills, missing + " are missing after " + kills + " kills");
  }
}
