package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Records of a queue as the bytes that they are. */
final class RawBytes implements RecordQueue.Decoder<byte[]> {
  private static final RawBytes DECODER = new RawBytes();

  private RawBytes() {}

  static byte @Nullable [] poll(RecordQueue queue) {
    return queue.poll(DECODER);
  }

  static byte @Nullable [] take(RecordQueue queue, long nanos) throws InterruptedException {
    return queue.take(DECODER, nanos);
  }

  static boolean offer(RecordQueue queue, byte[] bytes) {
    return queue.offer(bytes, bytes.length, null);
  }

  static boolean put(RecordQueue queue, byte[] bytes, long nanos) throws InterruptedException {
    return queue.put(bytes, bytes.length, null, nanos);
  }

  @Override
  public byte[] decode(byte[] record) {
    return record;
  }

  @Override
  public byte[] decode(MemorySegment memory, long offset, long length) {
    return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }
}
