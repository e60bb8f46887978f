package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import multiprocessing.Multiprocessing;
import multiprocessing.error.StartException;
import multiprocessing.process.ProcessOptions;
import multiprocessing.process.StartMethod;
import org.junit.jupiter.api.Test;

/** The pool's contract with workers that are fresh virtual machines. */
final class SpawnPoolTest extends PoolContract {
  SpawnPoolTest() {
    super(StartMethod.SPAWN);
  }

  @Test
  void workersThatCannotStartFailThePool() throws Exception {
    try (ProcessPool pool =
        builder(2)
            .options(
                ProcessOptions.builder()
                    .jvmOptions("-XX:+NoSuchOption")
                    .stderr(ProcessBuilder.Redirect.DISCARD)
                    .build())
            .build()) {
      Throwable thrown;
      try {
        thrown =
            assertThrows(ExecutionException.class, () -> pool.submit(() -> 1).get()).getCause();
      } catch (RejectedExecutionException e) {
        thrown = e.getCause();
      }
      assertInstanceOf(StartException.class, thrown);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  /** What a virtual machine that can be debugged says to one who greets it as a debugger does. */
  private static String answerToDebugger(int port) throws IOException {
    byte[] greeting = "JDWP-Handshake".getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(greeting);
      byte[] answer = socket.getInputStream().readNBytes(greeting.length);
      return new String(answer, StandardCharsets.US_ASCII);
    }
  }

  @Test
  void aDebuggerMayAttachToOneWorker() throws Exception {
    ProcessOptions quiet = ProcessOptions.builder().stdout(ProcessBuilder.Redirect.DISCARD).build();
    try (ProcessPool other = builder(1).build()) { // a first socket would stay open in this process
      int port = other.apply(() -> freePort());
      try (ProcessPool pool = builder(2).debug(2, port).options(quiet).build()) {
        List<Boolean> debugged =
            pool.map(
                _ -> {
                  Thread.sleep(20); // so that both workers get some
                  return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                      .anyMatch(option -> option.contains("jdwp"));
                },
                PoolSuite.numbers(20),
                1);
        assertEquals(Set.of(true, false), new HashSet<>(debugged));
        assertEquals("JDWP-Handshake", other.apply(() -> answerToDebugger(port)));
        assertEquals(1, pool.apply(() -> 1));
      }
    }
  }

  @Test
  void aDebuggerNeedsAVirtualMachineOfItsOwn() {
    ProcessPool.Builder forked =
        Multiprocessing.context(StartMethod.FORKSERVER).poolBuilder().debug(1, 0);
    IllegalStateException thrown = assertThrows(IllegalStateException.class, forked::build);
    assertTrue(thrown.toString().contains("SPAWN"), thrown::toString);
    assertThrows(IllegalArgumentException.class, () -> builder(1).debug(0, 0));
    assertThrows(IllegalArgumentException.class, () -> builder(1).debug(1, 65_536));
  }
}
