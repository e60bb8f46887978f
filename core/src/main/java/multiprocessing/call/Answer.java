package multiprocessing.call;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.shm.RecordQueue;
import org.jspecify.annotations.Nullable;

/**
 * What the process of a call says, in a queue of shared memory: one byte that says what it is, and
 * the content.
 */
record Answer(byte kind, @Nullable Object content) {
  /** The task begins. */
  static final byte BEGUN = 1;

  /** The task returned; the content is its value. */
  static final byte VALUE = 2;

  /** The task threw; the content is a RemoteFailure. */
  static final byte FAILURE = 3;

  /** The time is up; the content is where the threads are. */
  static final byte DUMP = 4;

  /** Reads answers out of a queue. */
  static final RecordQueue.Decoder<Answer> DECODER =
      new RecordQueue.Decoder<>() {
        @Override
        public Answer decode(byte[] record) {
          return decode(MemorySegment.ofArray(record), 0, record.length);
        }

        @Override
        public Answer decode(MemorySegment memory, long offset, long length) {
          if (length < 1) {
            throw new IllegalStateException("an answer without content");
          }
          return new Answer(
              memory.get(ValueLayout.JAVA_BYTE, offset), content(memory, offset, length));
        }
      };

  private static @Nullable Object content(MemorySegment memory, long offset, long length) {
    byte kind = memory.get(ValueLayout.JAVA_BYTE, offset);
    if (kind == VALUE || kind == FAILURE) {
      return Codec.shared().decode(memory, offset + 1, length - 1);
    }
    byte[] text = memory.asSlice(offset + 1, length - 1).toArray(ValueLayout.JAVA_BYTE);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** Puts a payload into the queue; it is copied once. */
  static void put(RecordQueue answers, byte kind, Payload payload) {
    byte[] head = new byte[1 + payload.headLength()];
    head[0] = kind;
    System.arraycopy(payload.head(), 0, head, 1, payload.headLength());
    boolean _ = answers.offer(head, head.length, payload.body());
  }

  static void put(RecordQueue answers, byte kind, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] record = new byte[1 + bytes.length];
    record[0] = kind;
    System.arraycopy(bytes, 0, record, 1, bytes.length);
    boolean _ = answers.offer(record, record.length, null);
  }
}
