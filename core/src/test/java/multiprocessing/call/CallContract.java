package multiprocessing.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.CallTimeoutException;
import multiprocessing.error.SerializationException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.ProcessInfo;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.ProcessTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of a call in a process of its own, however that is started, also as a thread. */
@ProcessTest
abstract class CallContract {
  final StartMethod method;

  CallContract(StartMethod method) {
    this.method = method;
  }

  <T extends @Nullable Object> T call(SerializableCallable<T> task, Limits limits)
      throws Exception {
    return IsolatedCall.call(task, limits, method);
  }

  @Test
  void theResultComesBack() throws Exception {
    int six = 6;
    assertEquals(42, call(() -> six * 7, Limits.none()));
    assertEquals("ok", call(() -> "ok", Limits.of(Duration.ofMinutes(1))));
    assertNull(call(() -> null, Limits.none()));
  }

  @Test
  void itRunsInAProcessOfItsOwn() throws Exception {
    long self = ProcessInfo.current().pid().orElseThrow();
    long its = call(() -> ProcessInfo.current().pid().orElseThrow(), Limits.none());
    assertTrue(its != self);
    String name = call(() -> ProcessInfo.current().name(), Limits.none());
    assertTrue(name.startsWith("Call-"), name);
    assertEquals(List.of(), ChildProcess.active());
  }

  @Test
  void resultsOfAnySizeComeBack() throws Exception {
    byte[] big =
        call(
            () -> {
              byte[] bytes = new byte[50_000_000];
              bytes[bytes.length - 1] = 5;
              return bytes;
            },
            Limits.none());
    assertEquals(50_000_000, big.length);
    assertEquals(5, big[big.length - 1]);
    List<Integer> list =
        call(() -> java.util.stream.IntStream.range(0, 300_000).boxed().toList(), Limits.none());
    assertEquals(299_999, list.getLast());
  }

  private static int open(String name) throws FileNotFoundException {
    throw new FileNotFoundException(name);
  }

  @Test
  void anExceptionArrivesAsItselfWithItsStackThere() {
    FileNotFoundException thrown =
        assertThrows(FileNotFoundException.class, () -> call(() -> open("gone"), Limits.none()));
    assertEquals("gone", thrown.getMessage());
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    assertTrue(trace.toString().contains("CallContract.open"), trace.toString());
    assertThrows(
        StackOverflowError.class, () -> call(() -> endless(0), Limits.of(Duration.ofMinutes(1))));
  }

  private static int endless(int depth) {
    return depth < 0 ? 0 : endless(depth + 1) + endless(depth + 2);
  }

  @Test
  void whatCannotTravelBackSaysSo() {
    SerializationException thrown =
        assertThrows(
            SerializationException.class, () -> call(Thread::currentThread, Limits.none()));
    assertTrue(String.valueOf(thrown.getMessage()).contains("result"), thrown.getMessage());
  }

  @Test
  void whoTakesTooLongIsTold() {
    long start = System.nanoTime();
    CallTimeoutException thrown =
        assertThrows(
            CallTimeoutException.class,
            () ->
                call(
                    () -> {
                      Thread.sleep(600_000);
                      return 0;
                    },
                    Limits.of(Duration.ofMillis(1_500))));
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(1_500));
    assertTrue(thrown.threadDump().contains("Thread.sleep"), thrown.threadDump());
    assertTrue(String.valueOf(thrown.getMessage()).contains("PT1.5S"), thrown.getMessage());
    assertEquals(List.of(), ChildProcess.active());
  }

  @Test
  void anInterruptedCallerEndsTheCall() {
    Thread.currentThread().interrupt();
    assertThrows(
        InterruptedException.class,
        () ->
            call(
                () -> {
                  Thread.sleep(600_000);
                  return 0;
                },
                Limits.none()));
    assertFalse(Thread.interrupted());
    assertEquals(List.of(), ChildProcess.active());
  }

  @Test
  void limitsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> Limits.of(Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> Limits.of(Duration.ofSeconds(1), 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> Limits.builder().cpuTime(Duration.ofSeconds(-1)).build());
  }
}
