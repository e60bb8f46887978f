package multiprocessing.internal.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.Serializable;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Timer;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.serial.Samples.Box;
import multiprocessing.internal.serial.Samples.Source;
import multiprocessing.internal.serial.Samples.Task;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Objects that make no sense in another process are refused, with the way to them. */
@SuppressWarnings("serial")
@Timeout(120)
final class RefusalTest {
  static class MyThread extends Thread {}

  static class MySerializableThread extends Thread implements Serializable {}

  static class MyStream extends InputStream {
    @Override
    public int read() {
      return -1;
    }
  }

  static class MyLoader extends ClassLoader {}

  static Stream<Arguments> misfits() throws Exception {
    List<Object> misfits = new ArrayList<>(List.of(new Thread(), new MyThread()));
    misfits.addAll(
        List.of(
            new MySerializableThread(),
            new MyStream(),
            new MyLoader(),
            new Socket(),
            new Timer(),
            new ByteArrayInputStream(new byte[1]),
            new StringWriter(),
            new ReentrantLock(),
            new ReentrantReadWriteLock(),
            new StampedLock(),
            new Semaphore(1),
            System.out,
            new ThreadLocal<Object>(),
            ProcessHandle.current(),
            Arena.ofAuto().allocate(8),
            Executors.newVirtualThreadPerTaskExecutor(),
            ForkJoinPool.commonPool(),
            RefusalTest.class.getClassLoader(),
            FileChannel.open(Path.of("/dev/null"))));
    return Arrays.stream(Mode.values())
        .flatMap(mode -> misfits.stream().map(misfit -> arguments(mode, misfit)));
  }

  private static SerializationException refuse(Mode mode, Object value) {
    Codec codec = mode.codec();
    var e = assertThrows(SerializationException.class, () -> codec.encode(value));
    var again = assertThrows(SerializationException.class, () -> codec.encode(value));
    assertEquals(e.getMessage(), again.getMessage(), "the second time as well");
    var named = assertThrows(SerializationException.class, () -> codec.encodeForStart(value));
    assertTrue(String.valueOf(named.path()).startsWith("task"), named.path());
    return e;
  }

  private static void assertContains(@Nullable String text, String part) {
    assertTrue(String.valueOf(text).contains(part), text);
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("misfits")
  void misfitIsRefusedAloneAndWithin(Mode mode, Object misfit) {
    String name = misfit.getClass().getName();
    assertContains(refuse(mode, misfit).getMessage(), name);
    SerializationException e = refuse(mode, new Box<>(misfit));
    assertEquals("Box.content", e.path());
    assertContains(e.getMessage(), name);
    assertEquals("ArrayList[1]", refuse(mode, new ArrayList<>(Arrays.asList(1, misfit))).path());
    Source<Object> lambda = () -> misfit;
    String path = "lambda in RefusalTest.(capture of type " + name + ")";
    assertEquals(path, refuse(mode, lambda).path());
  }

  record Config(String name, Object socket) implements Serializable {}

  static class Job implements Serializable {
    final Config config;
    transient Thread ignored = new Thread();

    Job(Config config) {
      this.config = config;
    }
  }

  @ParameterizedTest
  @EnumSource
  void pathNamesEachStep(Mode mode) {
    var job = new Job(new Config("c", new Socket()));
    assertEquals("Job.config.socket", refuse(mode, job).path());
    var e = assertThrows(SerializationException.class, () -> mode.codec().encodeForStart(job));
    assertEquals("task.config.socket", e.path());
    assertContains(e.getMessage(), "cannot send task.config.socket: an object of class java.net");
    assertContains(e.getMessage(), "mark the field transient");
    var named =
        assertThrows(SerializationException.class, () -> mode.codec().encode(job, "element"));
    assertEquals("element.config.socket", named.path());
  }

  @ParameterizedTest
  @EnumSource
  void pathGoesThroughContainers(Mode mode) {
    Object bad = new Thread();
    assertEquals("Box.content[key]", path(mode, new Box<>(new HashMap<>(Map.of("key", bad)))));
    assertEquals("HashMap.key(Thread)", path(mode, new HashMap<>(Map.of(bad, 1))));
    assertEquals("Object[][1]", path(mode, new Object[] {1, bad}));
    assertEquals("Box.content.get()", path(mode, new Box<>(new AtomicReference<>(bad))));
    if (mode != Mode.JAVA) {
      assertEquals("Box.content.get()", path(mode, new Box<>(Optional.of(bad))));
    }
    assertEquals(
        "Box.content[0].content[a]",
        path(mode, new Box<>(List.of(new Box<>(new HashMap<>(Map.of("a", bad)))))));
  }

  private static @Nullable String path(Mode mode, Object value) {
    return refuse(mode, value).path();
  }

  private final Thread field = new Thread();

  @ParameterizedTest
  @EnumSource
  void captureOfTheSurroundingObjectIsCalledThis(Mode mode) {
    Task task = () -> field.interrupt();
    var e = assertThrows(SerializationException.class, () -> mode.codec().encodeForStart(task));
    assertEquals(mode == Mode.JAVA ? "task.this" : "task.this.field", e.path());
    assertContains(e.getMessage(), "copy what it needs into a local variable");
  }

  @ParameterizedTest
  @EnumSource
  void innerClassThatDragsItsOuterObjectAlongIsTold(Mode mode) {
    Task task =
        new Task() {
          @Override
          public void run() {
            field.interrupt();
          }
        };
    var e = assertThrows(SerializationException.class, () -> mode.codec().encodeForStart(task));
    assertEquals(mode == Mode.JAVA ? "task.this$0" : "task.this$0.field", e.path());
    assertContains(e.getMessage(), "make the class static");
  }

  @ParameterizedTest
  @EnumSource
  void lambdaThatIsNotSerializableIsRefusedWithTheRemedy(Mode mode) {
    Runnable runnable = () -> {};
    SerializationException e = refuse(mode, runnable);
    assertContains(e.getMessage(), "java.lang.Runnable, which is not serializable");
    assertContains(e.getMessage(), "declare it as a SerializableRunnable instead");
    assertContains(e.getMessage(), "(Runnable & java.io.Serializable)");
    assertContains(e.getMessage(), RefusalTest.class.getName());
    Callable<Integer> callable = () -> 1;
    assertContains(refuse(mode, callable).getMessage(), "SerializableCallable");
    IntFunction<String> other = Integer::toString;
    assertContains(refuse(mode, other).getMessage(), "cast it: (IntFunction & java.io.Serial");
    assertEquals("Box.content", refuse(mode, new Box<>(runnable)).path());
  }

  @ParameterizedTest
  @EnumSource
  void viewsOfCollectionsAreRefusedWithTheRemedy(Mode mode) {
    var map = new HashMap<>(Map.of(1, 2));
    assertContains(refuse(mode, map.keySet()).getMessage(), "copy it into an ArrayList or a Hash");
    assertContains(refuse(mode, Map.entry(1, 2)).getMessage(), "AbstractMap.SimpleEntry");
  }

  static class Angry implements Serializable {
    private Object writeReplace() {
      throw new IllegalStateException("not today");
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatAnObjectThrowsIsTold(Mode mode) {
    assertContains(refuse(mode, new Angry()).getMessage(), "not today");
  }

  @Test
  void javaAloneRefusesWhatIsNotSerializable() {
    SerializationException e = refuse(Mode.JAVA, new Box<>(new Samples.Plain()));
    assertEquals("Box.content", e.path());
    assertContains(e.getMessage(), "let it implement java.io.Serializable");
  }
}
