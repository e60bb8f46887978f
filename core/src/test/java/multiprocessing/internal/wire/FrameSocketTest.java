package multiprocessing.internal.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.wire.FrameSocket.Frame;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages and descriptors between two ends. */
@ProcessTest
final class FrameSocketTest {
  private final int[] pair = UnixSocket.pair();
  private final FrameSocket here = new FrameSocket(pair[0]);
  private final FrameSocket there = new FrameSocket(pair[1]);

  @AfterEach
  void close() {
    here.close();
    there.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Frame received(FrameSocket socket) {
    return Objects.requireNonNull(socket.receive());
  }

  @Test
  void messagesArriveInOrderAndWhole() {
    assertTrue(here.send(bytes("one")));
    assertTrue(here.send(new byte[0]));
    assertTrue(here.send(bytes("three")));
    assertArrayEquals(bytes("one"), received(there).bytes());
    assertArrayEquals(new byte[0], received(there).bytes());
    assertArrayEquals(bytes("three"), received(there).bytes());
  }

  @Test
  void aMessageMayBeLargerThanTheBufferOfTheSocket() throws Exception {
    byte[] big = new byte[3_000_000];
    big[2_999_999] = 1;
    Thread sender = Thread.startVirtualThread(() -> assertTrue(here.send(big)));
    assertArrayEquals(big, received(there).bytes());
    sender.join();
  }

  @Test
  void whatIsNotWholeIsNotThereYet() {
    assertNull(there.poll());
    UnixSocket.send(pair[0], new byte[] {0, 0}, 0);
    assertNull(there.poll());
    UnixSocket.send(pair[0], new byte[] {0, 2, 'h'}, 0);
    assertNull(there.poll());
    UnixSocket.send(pair[0], new byte[] {'i', 0, 0, 0, 0}, 0);
    assertArrayEquals(bytes("hi"), Objects.requireNonNull(there.poll()).bytes());
    assertArrayEquals(new byte[0], Objects.requireNonNull(there.poll()).bytes());
    assertNull(there.poll());
  }

  @Test
  void theEndOfThePeerIsTheEnd() {
    assertTrue(here.send(bytes("last")));
    here.close();
    assertArrayEquals(bytes("last"), received(there).bytes());
    assertNull(there.receive());
    assertNull(there.poll());
    assertFalse(there.send(bytes("nobody")));
    assertFalse(here.send(bytes("closed")));
  }

  @Test
  void anEndWithinAMessageIsTheEnd() {
    UnixSocket.send(pair[0], new byte[] {0, 0, 0, 9, 1}, 0);
    here.close();
    assertNull(there.receive());
  }

  @Test
  void aShutdownWakesWhoWaits() throws Exception {
    Thread waiter = Thread.ofPlatform().start(() -> assertNull(there.receive()));
    while (waiter.getState() != Thread.State.RUNNABLE) {
      Thread.onSpinWait();
    }
    UnixSocket.shutdown(there.descriptor());
    waiter.join();
  }

  @Test
  void aLengthThatCannotBeIsRefused() {
    UnixSocket.send(pair[0], new byte[] {-1, -1, -1, -1}, 0);
    assertThrows(
        IllegalStateException.class,
        () -> {
          Frame _ = there.receive();
        });
  }

  @Test
  void descriptorsTravelWithTheirMessage() throws Exception {
    int first = Descriptors.memoryFile("test", bytes("first"));
    int second = Descriptors.memoryFile("test", bytes("second"));
    assertTrue(here.send(bytes("none")));
    assertTrue(here.send(bytes("two"), first, second));
    Descriptors.close(first);
    Descriptors.close(second);
    assertEquals(0, received(there).descriptors().length);
    int[] got = received(there).descriptors();
    assertEquals(2, got.length);
    assertEquals("first", Files.readString(Path.of("/proc/self/fd/" + got[0])));
    assertEquals("second", Files.readString(Path.of("/proc/self/fd/" + got[1])));
    Descriptors.close(got[0]);
    Descriptors.close(got[1]);
  }

  @Test
  void descriptorsOfAMessageThatNobodyTakesAreClosed() {
    int file = Descriptors.memoryFile("test", bytes("content"));
    UnixSocket.send(pair[0], new byte[] {0, 0, 0, 9, 1}, 0, file);
    Descriptors.close(file);
    assertNull(there.poll());
  }

  @Test
  void whatIsWrittenIsRead() {
    byte[] message =
        new Writer().number(-5).flag(true).text("größer").bytes(bytes("raw")).text("").toBytes();
    Reader reader = new Reader(message);
    assertEquals(-5, reader.number());
    assertTrue(reader.flag());
    assertEquals("größer", reader.text());
    assertArrayEquals(bytes("raw"), reader.bytes());
    assertEquals("", reader.text());
    assertThrows(IllegalStateException.class, reader::number);
  }

  @Test
  void aMessageThatClaimsMoreThanItHasIsRefused() {
    for (long length : new long[] {4, -1, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE}) {
      byte[] message = new Writer().number(length).toBytes();
      byte[] three = Arrays.copyOf(message, message.length + 3);
      assertThrows(IllegalStateException.class, () -> new Reader(three).bytes());
      assertThrows(IllegalStateException.class, () -> new Reader(three).text());
    }
  }
}
