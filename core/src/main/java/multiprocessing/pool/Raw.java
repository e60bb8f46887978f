package multiprocessing.pool;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import multiprocessing.internal.shm.RecordQueue;

/** Takes messages as they are. */
enum Raw implements RecordQueue.Decoder<byte[]> {
  INSTANCE;

  @Override
  public byte[] decode(byte[] record) {
    return record;
  }

  @Override
  public byte[] decode(MemorySegment memory, long offset, long length) {
    return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }
}
