package multiprocessing.sync;

import java.util.function.LongUnaryOperator;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.shm.TreeMemory;

/** More memory for a shared object, which ends with it. */
final class Growth implements LongUnaryOperator {
  private final SharedBlock block;

  Growth(SharedBlock block) {
    this.block = block;
  }

  @Override
  public long applyAsLong(long bytes) {
    TreeMemory memory = block.memory();
    long place = memory.allocate(bytes, block.offset());
    memory.segment().asSlice(place, bytes).fill((byte) 0);
    memory.give(place, block.offset());
    return place;
  }
}
