package multiprocessing.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Objects;
import java.util.Random;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessEvent;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;

/** What a shared map does between processes, however they are started. */
@ProcessTest
@Deadline(seconds = 40)
abstract class SharedMapContract {
  private static final int ROUNDS = 5_000;

  private final StartMethod method;

  SharedMapContract(StartMethod method) {
    this.method = method;
  }

  /** Two halves that always are the same, and tell their key. */
  record Twin(int key, long left, long right) {
    static Twin of(int key, long half) {
      return new Twin(key, half, half);
    }

    static void check(int key, Twin twin) {
      if (twin.key != key || twin.left != twin.right) {
        throw new AssertionError(key + " has " + twin);
      }
    }
  }

  @Test
  void whatAChildPutsIsSeenHere() throws Exception {
    SharedMap<String, Long> map = SharedMap.create(String.class, Long.class);
    map.put("here", 1L);
    Children.run(
        method,
        () -> {
          map.put("there", map.get("here") + 1);
          map.remove("here");
        });
    assertEquals(Map.of("there", 2L), map);
    assertEquals(String.class, map.keyType());
    assertEquals(Long.class, map.valueType());
  }

  @Test
  void noChangeIsLost() throws Exception {
    SharedMap<String, Integer> counts = SharedMap.create(String.class, Integer.class);
    SharedMap<Integer, String> all = SharedMap.create(Integer.class, String.class);
    SharedValue.OfInt number = SharedValue.ofInt(0);
    SerializableRunnable work =
        () -> {
          int mine = number.getAndAdd(1);
          for (int i = 0; i < ROUNDS; i++) {
            counts.merge("key " + i % 7, 1, Integer::sum);
            all.put(mine * ROUNDS + i, "value " + i);
            if (i % 2 == 0) {
              all.remove(mine * ROUNDS + i / 2);
            }
          }
        };
    ChildProcess[] children = {
      Children.start(method, work), Children.start(method, work), Children.start(method, work)
    };
    work.run();
    Children.joinAll(children);
    assertEquals(4 * ROUNDS, counts.values().stream().mapToInt(each -> each).sum());
    assertEquals(7, counts.size());
    assertEquals(2 * ROUNDS, all.size());
    for (int i = 0; i < 4 * ROUNDS; i++) {
      int own = i % ROUNDS;
      assertEquals(own < ROUNDS / 2 ? null : "value " + own, all.get(i));
    }
  }

  @Test
  void whoReadsSeesWholeValuesAndNeverMissesAKeyThatStays() throws Exception {
    SharedMap<Integer, Twin> map = SharedMap.create(Integer.class, Twin.class);
    ProcessEvent end = new ProcessEvent();
    for (int key = 0; key < 100; key++) {
      map.put(key, Twin.of(key, 0));
    }
    SerializableRunnable write =
        () -> {
          Random random = new Random();
          for (long i = 0; !end.isSet(); i++) {
            int key = random.nextInt(100);
            map.put(key, Twin.of(key, random.nextLong()));
            int passing = 100 + random.nextInt(400);
            if (i % 2 == 0) {
              map.put(passing, Twin.of(passing, i));
            } else {
              map.remove(passing);
            }
          }
        };
    ChildProcess[] children = {Children.start(method, write), Children.start(method, write)};
    for (int round = 0; round < 20 * ROUNDS; round++) {
      int key = round % 100;
      Twin.check(key, Objects.requireNonNull(map.get(key)));
      Twin passing = map.get(key + 100);
      if (passing != null) {
        Twin.check(key + 100, passing);
      }
      if (round % 1_000 == 0) {
        int[] stays = new int[1];
        map.forEach(
            (each, twin) -> {
              Twin.check(each, twin);
              stays[0] += each < 100 ? 1 : 0;
            });
        assertEquals(100, stays[0]);
      }
    }
    end.set();
    Children.joinAll(children);
  }

  @Test
  void writersThatAreKilledHarmNobody() throws Exception {
    SharedMap<Integer, Twin> map = SharedMap.create(Integer.class, Twin.class);
    Random random = new Random(11);
    for (int round = 0; round < 8; round++) {
      SharedValue.OfInt reached = SharedValue.ofInt(0);
      int first = 1_000 * round;
      ChildProcess child =
          Children.start(
              method,
              () -> {
                for (int i = 0; ; i = (i + 1) % 1_000) {
                  int key = first + i;
                  map.compute(key, (_, old) -> Twin.of(key, old == null ? 0 : old.left + 1));
                  map.remove(-key - 1);
                  map.put(-key - 1, Twin.of(-key - 1, i));
                  reached.set(i);
                  if (i % 100 == 99) {
                    Thread.sleep(1); // where a thread in the place of a process can be ended
                  }
                }
              });
      Children.await(() -> reached.get() > 0);
      Thread.sleep(random.nextInt(20));
      Children.kill(child);
      map.forEach(Twin::check);
      assertEquals(map.size(), map.keySet().stream().count());
      int key = first + reached.get();
      assertTrue(map.containsKey(key));
      assertTrue(map.replace(key, map.get(key), Twin.of(key, -1)));
      assertEquals(Twin.of(key, -1), map.get(key));
    }
  }

  @Test
  void aMapTravelsThroughAQueueAndOutlivesItsMaker() throws Exception {
    ProcessQueue<SharedMap<Character, byte[]>> queue = new ProcessQueue<>();
    ProcessQueue<String> taken = new ProcessQueue<>();
    ChildProcess child =
        Children.start(
            method,
            () -> {
              SharedMap<Character, byte[]> map = SharedMap.create(Character.class, byte[].class);
              map.put('a', new byte[] {1, 2, 3});
              queue.put(map);
              taken.take();
            });
    SharedMap<Character, byte[]> map = queue.take();
    taken.put("yes");
    Children.joinAll(child);
    assertEquals(3, Objects.requireNonNull(map.get('a'))[2]);
    map.put('b', new byte[20_000]);
    assertEquals(20_000, Objects.requireNonNull(map.get('b')).length);
  }
}
