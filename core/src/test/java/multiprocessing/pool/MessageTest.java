package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import multiprocessing.internal.serial.Codec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages between pools and workers, whole and damaged. */
class MessageTest {
  private static final Codec CODEC = Codec.shared();

  private static byte[] outcomes(Object... values) {
    Message.Builder message = new Message.Builder().begin(Message.OUTCOMES, 7, 8);
    for (Object value : values) {
      message.add((byte) 1, CODEC.encode(value));
    }
    return Arrays.copyOf(message.bytes(), message.length());
  }

  @Test
  void piecesComeInTheirOrder() {
    byte[] message = outcomes("one", 2);
    assertEquals(List.of(7L, 8L), List.of(Message.first(message), Message.second(message)));
    assertEquals(2, Message.count(message));
    Message.Pieces pieces = new Message.Pieces(message);
    assertTrue(pieces.next());
    assertEquals("one", pieces.decode(CODEC));
    assertTrue(pieces.next());
    assertEquals(2, pieces.decode(CODEC));
    assertFalse(pieces.next());
  }

  /** A length that leads back would be followed for ever. */
  @ParameterizedTest
  @ValueSource(ints = {-1, -5, Integer.MIN_VALUE, 1_000, Integer.MAX_VALUE})
  void aPieceThatLeadsOutOfItsMessageIsRefused(int length) {
    byte[] message = outcomes("one", 2);
    ByteBuffer.wrap(message).putInt(Message.HEAD + 1, length);
    assertThrows(IllegalStateException.class, () -> Message.count(message));
    assertThrows(IllegalStateException.class, () -> new Message.Pieces(message).next());
  }

  @Test
  void aMessageThatEndsTooEarlyIsRefused() {
    byte[] head = Arrays.copyOf(outcomes(), Message.HEAD - 1);
    assertThrows(IllegalStateException.class, () -> Message.first(head));
    assertThrows(IllegalStateException.class, () -> Message.second(head));
    byte[] piece = Arrays.copyOf(outcomes(1), Message.HEAD + 3);
    assertThrows(IllegalStateException.class, () -> Message.count(piece));
  }
}
