package multiprocessing.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.error.RemoteTaskException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What managers and their objects do, whatever started the processes. */
@SuppressWarnings("LockNotBeforeTry") // who has a lock at what moment is what is tested
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ManagerContract extends ManagerSuite {
  private static final Duration LONG = Duration.ofSeconds(30);

  private Manager manager;

  ManagerContract(StartMethod method) {
    super(method);
    this.manager = builder().start();
  }

  @BeforeAll
  void isThere() {
    assertTrue(process(manager).isAlive());
    assertTrue(process(manager).daemon(), "it does not keep the program that started it");
  }

  @AfterAll
  void shutDown() {
    manager.shutdown();
    assertEquals(0, process(manager).exitCode().orElseThrow(), "exit code of the server");
    process(manager).close();
  }

  @Test
  @Proves({82, 83, 242})
  void listsAreLists() throws Exception {
    ManagedList<Integer> list = manager.list(List.of(0, 1, 2));
    list.addAll(List.of(3, 4));
    assertEquals(List.of(0, 1, 2, 3, 4), list);
    assertEquals(list, List.of(0, 1, 2, 3, 4));
    assertEquals("[0, 1, 2, 3, 4]", list.toString());
    assertEquals(List.of(1, 2, 3, 4).hashCode(), List.copyOf(list.subList(1, 5)).hashCode());
    assertEquals(List.of(0, 1, 2, 3, 4).hashCode(), list.hashCode());
    inChild(
        () -> {
          list.add(5);
          list.sort((a, b) -> b - a);
          list.replaceAll(each -> each * 10);
          list.removeIf(each -> each == 0);
        });
    assertEquals(List.of(50, 40, 30, 20, 10), list);
    assertEquals(50, list.getFirst());
    assertEquals(10, list.removeLast());
    assertEquals(1, list.indexOf(40));
    assertTrue(list.contains(30));
    assertEquals(150 - 10, list.stream().mapToInt(Integer::intValue).sum());
    assertThrows(IndexOutOfBoundsException.class, () -> list.get(4));
    assertThrows(NullPointerException.class, () -> list.add(null));
    list.clear();
    assertTrue(list.isEmpty());
    ManagedList<Integer> array = manager.array(List.of(1, 2));
    assertEquals(1, array.set(0, 7));
    assertEquals(List.of(7, 2), array);
    assertThrows(UnsupportedOperationException.class, () -> array.add(1));
  }

  @Test
  @Proves({84, 88})
  void iterationShowsWhatWasThere() {
    ManagedList<Integer> list = manager.list(List.of(1, 2, 3, 4));
    Iterator<Integer> iterator = list.iterator();
    list.add(5);
    List<Integer> seen = new ArrayList<>();
    while (iterator.hasNext()) {
      int each = iterator.next();
      seen.add(each);
      if (each % 2 == 0) {
        iterator.remove();
      }
    }
    assertThrows(NoSuchElementException.class, iterator::next);
    assertEquals(List.of(1, 2, 3, 4), seen);
    assertEquals(List.of(1, 3, 5), list);
    ManagedMap<String, Integer> map = manager.map();
    map.put("z", 1);
    map.put("a", 2);
    assertEquals(List.of("z", "a"), List.copyOf(map.keySet()));
    for (Map.Entry<String, Integer> entry : map.entrySet()) {
      entry.setValue(entry.getValue() + 1);
    }
    map.keySet().remove("z");
    assertEquals(Map.of("a", 3), map);
  }

  @Test
  @Proves({86, 87, 243})
  void mapsAreMaps() throws Exception {
    ManagedMap<String, Integer> map = manager.map(Map.of("a", 1));
    assertNull(map.put("b", 2));
    map.putAll(Map.of("c", 3));
    assertEquals(Map.of("a", 1, "b", 2, "c", 3), map);
    assertEquals("{a=1, b=2, c=3}", map.toString());
    inChild(
        () -> {
          map.merge("a", 10, (x, y) -> x + y);
          map.compute("b", (key, value) -> value == null ? 1 : value * 100);
          map.computeIfAbsent("d", key -> key.length());
          map.computeIfPresent("c", (key, value) -> null);
          map.replaceAll((key, value) -> value + 1);
        });
    assertEquals(Map.of("a", 12, "b", 201, "d", 2), map);
    assertEquals(5, map.getOrDefault("x", 5));
    assertEquals(12, map.putIfAbsent("a", 0));
    assertTrue(map.replace("a", 12, 13));
    assertFalse(map.remove("a", 12));
    assertTrue(map.containsValue(13));
    assertEquals(Set.of("a", "b", "d"), map.keySet());
    assertEquals(216, map.values().stream().mapToInt(Integer::intValue).sum());
    assertThrows(NullPointerException.class, () -> map.put("n", null));
    Object notSerializable = new Object();
    BiFunction<Integer, Integer, Integer> local =
        (x, y) -> x + y + notSerializable.getClass().getSimpleName().length();
    assertEquals(13 + 1 + 6, map.merge("a", 1, local), "a function that cannot travel runs here");
  }

  @Test
  void concurrentMergesLoseNothing() throws Exception {
    ManagedMap<String, Integer> map = manager.map();
    ChildProcess[] children = new ChildProcess[3];
    for (int i = 0; i < children.length; i++) {
      children[i] =
          Children.start(
              method,
              () -> {
                for (int j = 0; j < 100; j++) {
                  map.merge("count", 1, (x, y) -> x + y);
                }
              });
    }
    Children.joinAll(children);
    assertEquals(300, map.get("count"));
  }

  @Test
  @Proves({85, 89, 90})
  void objectsOfTheManagerNest() throws Exception {
    ManagedMap<String, Object> map = manager.map();
    ManagedList<Object> list = manager.list();
    ManagedQueue<String> queue = manager.queue();
    list.add(1);
    map.put("list", list);
    map.put("queue", queue);
    map.put("plain", new ArrayList<>(List.of(1)));
    inChild(
        () -> {
          @SuppressWarnings("unchecked")
          List<Object> nested = (List<Object>) map.get("list");
          nested.add(2);
          @SuppressWarnings("unchecked")
          List<Object> copy = (List<Object>) map.get("plain");
          copy.add(2);
          ((ManagedQueue<?>) map.get("queue")).clear();
          @SuppressWarnings("unchecked")
          ManagedQueue<String> there = (ManagedQueue<String>) map.get("queue");
          there.put("from the child");
        });
    assertEquals(List.of(1, 2), list);
    assertEquals(List.of(1), map.get("plain"), "a plain element does not change in the server");
    assertEquals("from the child", queue.take());
    assertEquals(list, map.get("list"));
    assertSame(list, map.get("list"));
    list.add(list);
    assertEquals("[1, 2, [...]]", list.toString());
    map.computeIfPresent(
        "list",
        (key, value) -> {
          @SuppressWarnings("unchecked")
          List<Object> inServer = (List<Object>) value;
          inServer.remove(2);
          inServer.add("in the server");
          return value;
        });
    assertEquals(List.of(1, 2, "in the server"), list);
  }

  @Test
  @Proves({91, 246})
  void namespacesHaveNames() throws Exception {
    Namespace namespace = manager.namespace();
    NoSuchElementException thrown =
        assertThrows(NoSuchElementException.class, () -> namespace.get("value"));
    assertEquals("'Namespace' object has no attribute 'value'", thrown.getMessage());
    assertTrue(thrown.getCause() instanceof RemoteTaskException, "it shows the server's stack");
    inChild(
        () -> {
          namespace.set("name", "Bob");
          namespace.set("job", "Builder");
          namespace.set("_hidden", "hidden");
          namespace.set("list", new ArrayList<>(List.of(1)));
        });
    assertEquals("Builder", namespace.get("job"));
    namespace.remove("job");
    assertFalse(namespace.has("job"));
    assertTrue(namespace.has("_hidden"));
    assertEquals("Namespace(list=[1], name='Bob')", namespace.toString());
  }

  @Test
  @Proves({247, 248, 249})
  void setsAreSets() throws Exception {
    ManagedSet<String> set = manager.set(List.of("a", "b", "a"));
    assertEquals(Set.of("a", "b"), set);
    inChild(
        () -> {
          set.add("c");
          set.removeIf(each -> each.equals("a"));
        });
    assertEquals(Set.of("b", "c"), set);
    assertTrue(set.retainAll(Set.of("c")));
    assertTrue(set.containsAll(List.of("c")));
    assertFalse(set.add("c"));
    assertEquals("[c]", set.toString());
    assertEquals(Set.of("c").hashCode(), set.hashCode());
  }

  @Test
  @Proves({244, 245})
  void valuesAreShared() throws Exception {
    ManagedValue<Integer> value = manager.value(1);
    ManagedList<Integer> array = manager.array(List.of(1, 2, 3));
    inChild(
        () -> {
          value.set(value.get() + 41);
          value.update(each -> each * 2);
          array.set(0, 9);
        });
    assertEquals(84, value.get());
    assertEquals(3, array.size());
    assertEquals(List.of(9, 2, 3), array);
    assertEquals("Value(84)", value.toString());
  }

  @Test
  @Proves({240, 241})
  void queuesAreQueues() throws Exception {
    ManagedQueue<Integer> queue = manager.queue(2);
    queue.put(1);
    assertTrue(queue.offer(2));
    assertFalse(queue.offer(3));
    assertFalse(queue.offer(3, 10, TimeUnit.MILLISECONDS));
    assertEquals(0, queue.remainingCapacity());
    inChild(
        () -> {
          assertEquals(1, queue.take());
          assertEquals(2, queue.poll());
          assertNull(queue.poll(10, TimeUnit.MILLISECONDS));
          queue.taskDone();
          queue.taskDone();
          queue.put(4);
        });
    List<Integer> target = new ArrayList<>();
    assertEquals(1, queue.drainTo(target));
    assertEquals(List.of(4), target);
    Thread joiner =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    queue.join();
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                });
    queue.taskDone();
    joiner.join();
    assertThrows(IllegalStateException.class, queue::taskDone);
    assertThrows(NullPointerException.class, () -> queue.put(null));
    assertThrows(IllegalArgumentException.class, () -> manager.queue(0));
    assertThrows(IllegalArgumentException.class, () -> queue.drainTo(queue));
  }

  @Test
  @Proves({233, 234})
  void locksAreLocks() throws Exception {
    ManagedLock lock = manager.lock();
    inChild(lock::lock);
    Children.await(() -> lock.isLocked() || !lock.isLocked());
    assertThrows(OwnerDiedException.class, lock::lock, "the child has ended with the lock");
    lock.recover();
    assertFalse(lock.tryLock());
    assertFalse(lock.tryLock(10, TimeUnit.MILLISECONDS));
    inChild(lock::unlock);
    assertFalse(lock.isLocked());
    assertThrows(IllegalMonitorStateException.class, lock::unlock);
    ManagedLock reentrant = manager.reentrantLock();
    reentrant.lock();
    reentrant.lock();
    inChild(
        () -> {
          assertFalse(reentrant.tryLock());
          assertThrows(IllegalMonitorStateException.class, reentrant::unlock);
        });
    reentrant.unlock();
    assertTrue(reentrant.isLocked());
    reentrant.unlock();
    assertFalse(reentrant.isLocked());
  }

  @Test
  @Proves({235, 236})
  void semaphoresCount() throws Exception {
    ManagedSemaphore semaphore = manager.boundedSemaphore(1);
    semaphore.acquire();
    inChild(
        () -> {
          assertFalse(semaphore.tryAcquire());
          assertFalse(semaphore.tryAcquire(Duration.ofMillis(10)));
        });
    semaphore.release();
    assertThrows(IllegalStateException.class, semaphore::release);
    inChild(semaphore::acquire); // given back at its end
    assertTrue(semaphore.tryAcquire(LONG));
    ManagedSemaphore plain = manager.semaphore(0);
    plain.release();
    assertEquals(1, plain.availablePermits());
    assertThrows(IllegalArgumentException.class, () -> manager.semaphore(-1));
  }

  @Test
  @Proves({232, 237, 238})
  void eventsConditionsAndBarriersConnectProcesses() throws Exception {
    ManagedEvent event = manager.event();
    assertFalse(event.await(Duration.ofMillis(10)));
    ManagedCondition condition = manager.condition();
    ManagedValue<Boolean> ready = manager.value(false);
    ManagedBarrier barrier = manager.barrier(2);
    ChildProcess child =
        Children.start(
            method,
            () -> {
              event.await();
              condition.lock();
              ready.set(true);
              condition.signalAll();
              condition.unlock();
              barrier.await();
            });
    condition.lock();
    event.set();
    while (!ready.get()) {
      assertTrue(condition.await(30, TimeUnit.SECONDS));
    }
    condition.unlock();
    barrier.await(LONG);
    Children.joinAll(child);
    assertEquals(2, barrier.parties());
    event.clear();
    assertFalse(event.isSet());
    assertThrows(IllegalMonitorStateException.class, condition::signal);
  }

  @Test
  void aKilledClientLetsGo() throws Exception {
    ManagedLock lock = manager.reentrantLock();
    ManagedBarrier barrier = manager.barrier(2);
    ManagedQueue<String> queue = manager.queue();
    ManagedQueue<String> said = manager.queue();
    ChildProcess child =
        Children.start(
            method,
            () -> {
              lock.lock();
              Thread.ofPlatform()
                  .start(
                      () -> {
                        try {
                          barrier.await();
                        } catch (InterruptedException | BrokenBarrierException e) {
                          throw new AssertionError(e);
                        }
                      });
              Thread.ofPlatform()
                  .start(
                      () -> {
                        try {
                          queue.take();
                        } catch (InterruptedException e) {
                          throw new AssertionError(e);
                        }
                      });
              said.put("locked");
              Thread.sleep(Long.MAX_VALUE);
            });
    assertEquals("locked", said.take());
    Children.await(() -> barrier.waiting() == 1);
    Children.kill(child);
    assertThrows(OwnerDiedException.class, lock::lock);
    lock.recover();
    lock.unlock();
    Children.await(barrier::isBroken);
    queue.put("nobody who is dead takes this");
    assertEquals("nobody who is dead takes this", queue.take());
  }

  @Test
  void anInterruptEndsAWait() throws Exception {
    ManagedQueue<String> queue = manager.queue();
    Thread[] waiters = new Thread[2];
    for (int i = 0; i < 2; i++) {
      waiters[i] =
          (i == 0 ? Thread.ofPlatform() : Thread.ofVirtual())
              .start(() -> assertThrows(InterruptedException.class, queue::take));
    }
    Thread.sleep(50);
    for (Thread waiter : waiters) {
      waiter.interrupt();
      waiter.join();
    }
    for (int i = 0; i < 20; i++) { // at whatever moment of the call
      Thread waiter =
          Thread.ofPlatform().start(() -> assertThrows(InterruptedException.class, queue::take));
      waiter.interrupt();
      waiter.join();
    }
    queue.put("there");
    assertEquals("there", queue.take());
  }
}
