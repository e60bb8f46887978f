package multiprocessing.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Boxes for one message, whole and damaged. */
class MailboxTest {
  private static final int LENGTH_AT = 4;

  private final MemorySegment segment = Arena.ofAuto().allocate(Mailbox.BYTES, 64);
  private final Mailbox box = new Mailbox(segment, 0);

  @Test
  void whatIsPutIsTaken() {
    box.put(new byte[] {1, 2, 3});
    assertArrayEquals(new byte[] {1, 2, 3}, box.take());
    box.put(new byte[(int) Mailbox.BYTES]);
    assertNull(box.take()); // it comes by another way
  }

  @ParameterizedTest
  @ValueSource(ints = {-2, Integer.MIN_VALUE, 16 * 1024 + 1, Integer.MAX_VALUE})
  void aLengthThatCannotBeIsRefused(int length) {
    box.put(new byte[] {1, 2, 3});
    segment.set(ValueLayout.JAVA_INT, LENGTH_AT, length);
    assertThrows(IllegalStateException.class, () -> assertNull(box.take()));
  }
}
