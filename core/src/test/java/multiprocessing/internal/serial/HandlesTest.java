package multiprocessing.internal.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import multiprocessing.internal.serial.Samples.Box;
import multiprocessing.internal.serial.Samples.Fn;
import multiprocessing.internal.serial.Samples.Job;
import multiprocessing.internal.serial.Samples.Shared;
import multiprocessing.internal.serial.Samples.SharedBase;
import multiprocessing.internal.serial.Samples.SharedLeaf;
import multiprocessing.internal.serial.Samples.SharedQueue;
import multiprocessing.internal.serial.Samples.Source;
import multiprocessing.internal.shm.SharedBlock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lambdas, and shared objects that travel as handles, wherever they sit. */
final class HandlesTest {
  @ParameterizedTest
  @EnumSource
  void lambdasTravelWithWhatTheyCapture(Mode mode) throws Exception {
    int number = 4;
    var list = new ArrayList<>(List.of(1, 2));
    Path path = Path.of("a");
    Job<String> job = () -> number + " " + list + " " + path;
    assertEquals("4 [1, 2] a", mode.roundTrip(job).call());
    assertEquals(3, mode.roundTrip((Fn<String, Integer>) String::length).apply("abc"));
    assertEquals("z", mode.roundTrip((Source<String>) new StringBuilder("z")::toString).get());
    assertEquals(List.of(), mode.roundTrip((Source<List<Object>>) ArrayList::new).get());
    Fn<Integer, Integer> twice = x -> x * 2;
    Fn<Integer, Integer> nested = x -> twice.apply(x) + 1;
    assertEquals(7, mode.roundTrip(nested).apply(3));
  }

  @ParameterizedTest
  @EnumSource
  void proxiesTravel(Mode mode) throws Exception {
    InvocationHandler handler =
        (InvocationHandler & java.io.Serializable) (proxy, method, arguments) -> "answer";
    ClassLoader loader = HandlesTest.class.getClassLoader();
    Object proxy = Proxy.newProxyInstance(loader, new Class<?>[] {Callable.class}, handler);
    assertEquals("answer", ((Callable<?>) mode.roundTrip(proxy)).call());
    Object hidden = Proxy.newProxyInstance(loader, new Class<?>[] {Secret.class}, handler);
    assertEquals("answer", ((Secret) mode.roundTrip(hidden)).tell());
  }

  /** An interface that is not public, so its proxies belong to this package. */
  interface Secret {
    Object tell();
  }

  record Holder(Shared field, List<Shared> list, Map<String, SharedBase> map, Shared[] array)
      implements java.io.Serializable {}

  @SuppressWarnings("serial")
  static class Task implements java.io.Serializable {
    final BlockingQueue<String> queue;
    final Object lock;

    Task(BlockingQueue<String> queue, Object lock) {
      this.queue = queue;
      this.lock = lock;
    }
  }

  @ParameterizedTest
  @EnumSource
  void theHandleOfABlockTravels(Mode mode) {
    SharedBlock.Handle handle = new SharedBlock.Handle(1, 2, 3);
    assertEquals(handle, mode.roundTrip(handle));
    assertEquals(List.of(handle, handle), mode.roundTrip(List.of(handle, handle)));
  }

  @ParameterizedTest
  @EnumSource
  void handleTravelsAlone(Mode mode) {
    assertEquals(1, mode.roundTrip(new Shared(1)).id);
    assertEquals(2, mode.roundTrip(new SharedLeaf(2)).id);
    assertEquals(3, mode.roundTrip(new SharedQueue<>(3)).id);
  }

  @ParameterizedTest
  @EnumSource
  void handleTravelsInFieldsCollectionsAndRecords(Mode mode) {
    var shared = new Shared(5);
    var holder =
        new Holder(
            shared,
            new ArrayList<>(List.of(shared, new Shared(6))),
            new HashMap<>(Map.of("leaf", new SharedLeaf(7))),
            new Shared[] {shared});
    Holder got = mode.roundTrip(holder);
    assertEquals(5, got.field().id);
    assertEquals(6, got.list().get(1).id);
    assertEquals(7, Objects.requireNonNull(got.map().get("leaf")).id);
    assertSame(got.field(), got.list().get(0));
    assertSame(got.field(), got.array()[0]);
    Task task = mode.roundTrip(new Task(new SharedQueue<>(8), shared));
    assertEquals(8, ((SharedQueue<String>) task.queue).id);
    assertEquals(5, ((Shared) task.lock).id);
    assertEquals(9, mode.roundTrip(new Box<>(new SharedQueue<>(9))).content().id);
    assertEquals(1, mode.roundTrip(List.of(new SharedQueue<>(1))).get(0).id);
  }

  @ParameterizedTest
  @EnumSource
  void handleTravelsInLambdas(Mode mode) {
    var queue = new SharedQueue<String>(1);
    BlockingQueue<String> view = queue;
    var leaf = new SharedLeaf(2);
    Source<List<Integer>> task = () -> List.of(queue.id, ((SharedQueue<String>) view).id, leaf.id);
    assertEquals(List.of(1, 1, 2), mode.roundTrip(task).get());
    Source<Boolean> same = () -> queue == view;
    assertEquals(true, mode.roundTrip(same).get());
  }

  @ParameterizedTest
  @EnumSource
  void sameSharedObjectTwiceInAMessageArrivesAsOne(Mode mode) {
    var queue = new SharedQueue<String>(1);
    Object[] got = mode.roundTrip(new Object[] {queue, queue});
    assertSame(got[0], got[1]);
  }
}
