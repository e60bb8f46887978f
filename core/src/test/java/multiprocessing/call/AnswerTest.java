package multiprocessing.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What the process of a call says, whole and damaged. */
class AnswerTest {
  @Test
  void aTextIsRead() {
    assertEquals(
        new Answer(Answer.DUMP, "a"), Answer.DECODER.decode(new byte[] {Answer.DUMP, 'a'}));
  }

  @Test
  void anEmptyOneIsRefused() {
    byte[] none = {};
    assertThrows(IllegalStateException.class, () -> Answer.DECODER.decode(none));
    MemorySegment memory = MemorySegment.ofArray(new byte[8]);
    assertThrows(IllegalStateException.class, () -> Answer.DECODER.decode(memory, 3, 0));
  }
}
