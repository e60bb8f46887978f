package multiprocessing.internal.serial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import multiprocessing.error.AuthenticationException;
import multiprocessing.error.BufferTooShortException;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.error.ProcessException;
import multiprocessing.error.RemoteTaskException;
import multiprocessing.error.SerializationException;
import multiprocessing.error.SharedMemoryExhaustedException;
import multiprocessing.error.ShutdownException;
import multiprocessing.error.StartException;
import multiprocessing.error.WorkerLostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The library's own exceptions: what they say, and that they travel with all they carry. */
final class ErrorsTest {
  private static String lost(OptionalInt exitCode, String task, String stderr) {
    return String.valueOf(
        new WorkerLostException("PoolWorker-2", 123, exitCode, task, stderr).getMessage());
  }

  @Test
  void lostWorkerIsToldInOneSentence() {
    assertEquals(
        "worker PoolWorker-2 (pid 123) was killed by SIGSEGV while it ran task 7 (Main.work)",
        lost(OptionalInt.of(-11), "task 7 (Main.work)", ""));
    assertTrue(
        lost(OptionalInt.of(-9), "task 7", "")
            .startsWith("worker PoolWorker-2 (pid 123) was killed by SIGKILL while it ran task 7"));
    assertTrue(lost(OptionalInt.of(-9), "task 7", "").contains("when memory runs out"));
    assertEquals(
        "worker PoolWorker-2 (pid 123) exited with code 3 while it was idle",
        lost(OptionalInt.of(3), "", " \n"));
    assertEquals(
        "worker PoolWorker-2 (pid 123) was lost while it was idle; the end of its stderr:\nlast",
        lost(OptionalInt.empty(), "", "last\n"));
    assertTrue(lost(OptionalInt.of(-64), "", "").contains("was killed by signal 64"));
    assertTrue(lost(OptionalInt.of(-15), "", "").contains("was killed by SIGTERM"));
    assertTrue(lost(OptionalInt.of(-31), "", "").contains("was killed by SIGSYS"));
  }

  @Test
  void messagesNameTheRemedy() {
    assertEquals(
        "no room for 100 bytes of shared memory (7 are free); remedy: enlarge /dev/shm",
        new SharedMemoryExhaustedException(100, 7, "enlarge /dev/shm").getMessage());
    assertEquals(
        "no room for 100 bytes of shared memory",
        new SharedMemoryExhaustedException(100, -1, "").getMessage());
    assertEquals(
        "process 5 died while it held the lock; this caller holds it now: make sure that what it"
            + " protects is sound, then call recover()",
        new OwnerDiedException(5, "the lock").getMessage());
    assertEquals(
        "a message of 3 bytes does not fit into the 2 bytes of the buffer; take it from message()",
        new BufferTooShortException(new byte[3], 2).getMessage());
    assertEquals("a.B: m", new RemoteTaskException("a.B", "m", "").getMessage());
    assertEquals("a.B", new RemoteTaskException("a.B", null, "").getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void eachTravelsWithAllItCarries(Mode mode) {
    List<ProcessException> errors =
        List.of(
            new ProcessException("root", new IllegalStateException("why")),
            new AuthenticationException("keys differ"),
            new BufferTooShortException(new byte[] {1, 2}, 1),
            new OwnerDiedException(4, "lock"),
            new WorkerLostException("w", 1, OptionalInt.of(-9), "t", "err"),
            new RemoteTaskException("a.B", "m", "stack"),
            new SerializationException("m", "task.socket", new IllegalStateException("why")),
            new StartException("m", new IllegalStateException("why")),
            new ShutdownException("queue"),
            new SharedMemoryExhaustedException(3, 2, "r"));
    Codec codec = mode.codec();
    for (ProcessException error : errors) {
      check(error, mode.roundTrip(error));
      Object failure = codec.decode(codec.encodeFailure(error).toBytes());
      Throwable original = assertInstanceOf(RemoteFailure.class, failure).original();
      check(error, assertInstanceOf(error.getClass(), original));
    }
  }

  private static void check(ProcessException sent, ProcessException got) {
    assertEquals(sent.getMessage(), got.getMessage());
    assertEquals(String.valueOf(sent.getCause()), String.valueOf(got.getCause()));
    assertEquals(sent.getStackTrace().length, got.getStackTrace().length);
    switch (sent) {
      case BufferTooShortException e ->
          assertArrayEquals(e.message(), ((BufferTooShortException) got).message());
      case OwnerDiedException e -> {
        assertEquals(e.pid(), ((OwnerDiedException) got).pid());
        assertEquals(e.held(), ((OwnerDiedException) got).held());
      }
      case WorkerLostException e -> {
        var lost = (WorkerLostException) got;
        assertEquals(e.pid(), lost.pid());
        assertEquals(e.exitCode(), lost.exitCode());
        assertEquals(e.task() + e.stderrTail(), lost.task() + lost.stderrTail());
      }
      case RemoteTaskException e -> {
        var remote = (RemoteTaskException) got;
        assertEquals(e.remoteClassName(), remote.remoteClassName());
        assertEquals(e.remoteMessage(), remote.remoteMessage());
        assertEquals(e.remoteStackTrace(), remote.remoteStackTrace());
      }
      case SerializationException e ->
          assertEquals(e.path(), ((SerializationException) got).path());
      case SharedMemoryExhaustedException e -> {
        assertEquals(e.bytesAsked(), ((SharedMemoryExhaustedException) got).bytesAsked());
        assertEquals(e.bytesFree(), ((SharedMemoryExhaustedException) got).bytesFree());
      }
      default -> assertFalse(sent.getMessage() == null);
    }
  }
}
