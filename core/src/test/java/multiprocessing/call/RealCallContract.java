package multiprocessing.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.CallCrashedException;
import multiprocessing.error.CallMemoryException;
import multiprocessing.error.CallTimeoutException;
import multiprocessing.error.SerializationException;
import multiprocessing.process.ProcessInfo;
import multiprocessing.process.ProcessOptions;
import multiprocessing.process.StartMethod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a call survives that runs in a real process. */
abstract class RealCallContract extends CallContract {
  private static final Limits PATIENT = Limits.of(Duration.ofSeconds(50));

  @TempDir Path folder;

  RealCallContract(StartMethod method) {
    super(method);
  }

  private static int spin() {
    int turns = 0;
    while (System.nanoTime() != 0) {
      turns++;
    }
    return turns;
  }

  @Test
  void anEndlessLoopEndsAndSaysWhere() {
    CallTimeoutException thrown =
        assertThrows(
            CallTimeoutException.class,
            () -> call(RealCallContract::spin, Limits.of(Duration.ofSeconds(2))));
    assertTrue(thrown.threadDump().contains("RealCallContract.spin"), thrown.threadDump());
    assertTrue(ProcessHandle.of(thrown.pid()).isEmpty(), "it is gone");
  }

  private static int send(String signal) throws Exception {
    long pid = ProcessInfo.current().pid().orElseThrow();
    return new ProcessBuilder("kill", "-" + signal, "" + pid).start().waitFor();
  }

  @Test
  void aKilledProcessIsTold() {
    CallCrashedException thrown =
        assertThrows(
            CallCrashedException.class, () -> call(() -> send("KILL") + sleepLong(), PATIENT));
    assertEquals(-9, thrown.exitCode());
    assertTrue(String.valueOf(thrown.getMessage()).contains("SIGKILL"), thrown.getMessage());
  }

  private static int sleepLong() throws InterruptedException {
    Thread.sleep(600_000);
    return 0;
  }

  @Test
  void aCrashOfTheVirtualMachineIsTold() throws Exception {
    ProcessOptions quiet =
        ProcessOptions.builder().directory(folder).stderr(Redirect.DISCARD).build();
    Limits limits = Limits.builder().startMethod(StartMethod.SPAWN).options(quiet).build();
    CallCrashedException thrown =
        assertThrows(
            CallCrashedException.class, () -> call(() -> send("SEGV") + sleepLong(), limits));
    assertEquals(-6, thrown.exitCode());
    assertTrue(thrown.crashReport().contains("SIGSEGV"), thrown.crashReport());
    assertTrue(String.valueOf(thrown.getMessage()).contains("SIGABRT"), thrown.getMessage());
  }

  @Test
  void anExitIsNoResult() {
    CallCrashedException thrown =
        assertThrows(
            CallCrashedException.class,
            () ->
                call(
                    () -> {
                      System.exit(3);
                      return 1;
                    },
                    PATIENT));
    assertEquals(3, thrown.exitCode());
    assertTrue(String.valueOf(thrown.getMessage()).contains("code 3"), thrown.getMessage());
  }

  private static int hoard() {
    List<byte[]> all = new ArrayList<>();
    while (all.size() < 1_000_000) {
      all.add(new byte[1_000_000]);
    }
    return all.size();
  }

  @Test
  void anExhaustedHeapIsTold() {
    CallMemoryException thrown =
        assertThrows(
            CallMemoryException.class,
            () -> call(RealCallContract::hoard, Limits.of(Duration.ofSeconds(50), 32 << 20)));
    assertTrue(String.valueOf(thrown.getMessage()).contains("33554432"), thrown.getMessage());
    assertTrue(thrown.getCause() instanceof OutOfMemoryError, "" + thrown.getCause());
  }

  @Test
  void processorTimeIsLimited() {
    Limits limits = Limits.builder().cpuTime(Duration.ofMillis(700)).build();
    long start = System.nanoTime();
    CallTimeoutException thrown =
        assertThrows(CallTimeoutException.class, () -> call(RealCallContract::spin, limits));
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(300));
    assertTrue(String.valueOf(thrown.getMessage()).contains("processor time"), thrown.getMessage());
  }

  @Test
  void threadsThatTheTaskLeavesBehindEndWithTheCall() throws Exception {
    long pid =
        call(
            () -> {
              Thread left =
                  new Thread(
                      () -> {
                        try {
                          sleepLong();
                        } catch (InterruptedException e) {
                          // then it is over
                        }
                      });
              left.setDaemon(false);
              left.start();
              return ProcessInfo.current().pid().orElseThrow();
            },
            PATIENT);
    assertTrue(ProcessHandle.of(pid).isEmpty(), "it is gone");
  }

  /** What must travel where nothing is inherited. */
  static void assertMustTravel(StartMethod method) {
    Thread culprit = Thread.currentThread();
    SerializationException thrown =
        assertThrows(
            SerializationException.class,
            () -> IsolatedCall.call(culprit::getName, Limits.none(), method));
    assertTrue(
        String.valueOf(thrown.getMessage()).contains("java.lang.Thread"), thrown.getMessage());
  }
}
