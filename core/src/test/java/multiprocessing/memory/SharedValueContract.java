package multiprocessing.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.Serializable;
import multiprocessing.Multiprocessing;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.Hold;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What shared values and arrays do between processes, however they are started. */
@ProcessTest
@Deadline(seconds = 40)
abstract class SharedValueContract {
  private static final int ROUNDS = 5_000;

  private final StartMethod method;

  SharedValueContract(StartMethod method) {
    this.method = method;
  }

  /** As a C struct of CPython's own tests. */
  record Foo(int x, double y, long z) {}

  /** One of everything. */
  record All(
      SharedValue.OfInt number,
      SharedValue.OfDouble real,
      SharedValue.OfLong large,
      SharedValue.OfShort small,
      SharedValue.OfByte tiny,
      SharedValue.OfChar letter,
      SharedValue.OfBoolean truth,
      SharedValue.OfRecord<Foo> foo,
      SharedArray.OfDouble array,
      SharedArray.OfRecord<Foo> foos,
      SharedArray.OfChar text)
      implements Serializable {
    static All withoutLocks() {
      return new All(
          SharedValue.ofInt(7),
          SharedValue.ofDouble(1.0 / 3),
          SharedValue.ofLong(1L << 33),
          SharedValue.ofShort((short) 3),
          SharedValue.ofByte((byte) 5),
          SharedValue.ofChar('a'),
          SharedValue.ofBoolean(false),
          SharedValue.ofRecord(new Foo(3, 2, 1L << 33)),
          SharedArray.ofDoubles(new double[] {0, 1, 2, 3}),
          SharedArray.ofRecords(Foo.class, 2),
          SharedArray.ofChars(20));
    }

    All withLocks() {
      return new All(
          number.withLock(),
          real.withLock(),
          large.withLock(),
          small.withLock(),
          tiny.withLock(),
          letter.withLock(),
          truth.withLock(),
          foo.withLock(),
          array.withLock(),
          foos.withLock(),
          text.withLock());
    }

    void twice() {
      number.set(number.get() * 2);
      real.set(real.get() * 2);
      large.set(large.get() * 2);
      small.set((short) (small.get() * 2));
      tiny.set((byte) (tiny.get() * 2));
      letter.set((char) (letter.get() + 1));
      truth.set(!truth.get());
      Foo old = foo.get();
      foo.set(new Foo(old.x * 2, old.y * 2, old.z * 2));
      for (int i = 0; i < array.length(); i++) {
        array.set(i, array.get(i) * 2);
      }
      foos.set(1, new Foo(1, 2, 3));
      text.setValue(text.value() + "hello");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Proves({75, 76, 78, 80, 153, 154})
  void whatAChildWritesIsSeenHere(boolean hasLocks) throws Exception {
    All all = hasLocks ? All.withoutLocks().withLocks() : All.withoutLocks();
    Children.run(method, all::twice);
    assertEquals(14, all.number.get());
    assertEquals(2.0 / 3, all.real.get());
    assertEquals(1L << 34, all.large.get());
    assertEquals(6, all.small.get());
    assertEquals(10, all.tiny.get());
    assertEquals('b', all.letter.get());
    assertEquals(true, all.truth.get());
    assertEquals(new Foo(6, 4, 1L << 34), all.foo.get());
    assertArrayEquals(new double[] {0, 2, 4, 6}, all.array.toArray());
    assertEquals(new Foo(0, 0, 0), all.foos.get(0));
    assertEquals(new Foo(1, 2, 3), all.foos.get(1));
    assertEquals("hello", all.text.value());
  }

  @Test
  void nothingIsLost() throws Exception {
    SharedValue.OfInt locked = Multiprocessing.value(0);
    SharedValue.OfLong atomic = SharedValue.ofLong(0);
    SharedArray.OfDouble sums = SharedArray.ofDoubles(2);
    SharedArray.OfInt both = SharedArray.ofInts(2).withLock(locked.lock());
    SerializableRunnable work =
        () -> {
          for (int i = 0; i < ROUNDS; i++) {
            try (Hold _ = locked.hold()) {
              locked.set(locked.get() + 1);
              int[] before = both.toArray();
              if (before[0] != before[1]) {
                throw new AssertionError("somebody is between the ends of a hold");
              }
              both.set(0, before[0] + 1);
              both.set(1, before[1] + 1);
            }
            atomic.getAndAdd(1);
            sums.getAndAdd(1, 0.5);
          }
        };
    ChildProcess[] children = {
      Children.start(method, work), Children.start(method, work), Children.start(method, work)
    };
    work.run();
    Children.joinAll(children);
    assertEquals(4 * ROUNDS, locked.get());
    assertEquals(4 * ROUNDS, atomic.get());
    assertEquals(2 * ROUNDS, sums.get(1));
    assertArrayEquals(new int[] {4 * ROUNDS, 4 * ROUNDS}, both.toArray());
  }

  @Test
  void anArrayPassesMessages() throws Exception {
    SharedArray.OfLong cells = SharedArray.ofLongs(2 * ROUNDS);
    ChildProcess child =
        Children.start(
            method,
            () -> {
              for (long i = 0; i < ROUNDS; i++) {
                cells.set(2 * i, i * i);
                cells.set(2 * i + 1, 1);
              }
            });
    for (long i = 0; i < ROUNDS; i++) {
      while (cells.get(2 * i + 1) == 0) {
        Thread.onSpinWait();
      }
      assertEquals(i * i, cells.get(2 * i));
    }
    Children.joinAll(child);
  }

  @Test
  void whoDiesWithTheLockIsReported() throws Exception {
    SharedArray.OfInt array = Multiprocessing.array(new int[2]);
    ProcessQueue<String> said = new ProcessQueue<>();
    ChildProcess child =
        Children.start(
            method,
            () -> {
              array.lock().lock();
              array.set(0, 1);
              said.put("half done");
              Thread.sleep(Long.MAX_VALUE);
            });
    said.take();
    Children.kill(child);
    assertThrows(OwnerDiedException.class, () -> array.get(0));
    assertThrows(OwnerDiedException.class, () -> array.set(0, 5));
    assertThrows(OwnerDiedException.class, array::hold);
    assertEquals(1, array.withoutLock().get(0));
    assertThrows(OwnerDiedException.class, () -> array.lock().lock());
    array.set(1, 1);
    array.lock().recover();
    array.lock().unlock();
    assertArrayEquals(new int[] {1, 1}, array.toArray());
  }

  @Test
  void anArrayTravelsThroughAQueueAndOutlivesItsMaker() throws Exception {
    ProcessQueue<SharedArray.OfInt> queue = new ProcessQueue<>();
    ProcessQueue<String> taken = new ProcessQueue<>();
    ChildProcess child =
        Children.start(
            method,
            () -> {
              queue.put(SharedArray.ofInts(new int[] {1, 2, 3}).withLock());
              taken.take();
            });
    SharedArray.OfInt array = queue.take();
    taken.put("yes");
    Children.joinAll(child);
    assertArrayEquals(new int[] {1, 2, 3}, array.toArray());
    array.set(2, 4);
    assertEquals(4, array.get(2));
  }
}
