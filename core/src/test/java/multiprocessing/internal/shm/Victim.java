package multiprocessing.internal.shm;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import multiprocessing.internal.shm.Workload.Step;
import multiprocessing.internal.sync.Permits;
import multiprocessing.internal.sync.Words;
import multiprocessing.process.SerializableRunnable;

/**
 * Works through a {@link Workload} and notes in shared memory how far it has come, so that others
 * know when it has died.
 *
 * @param seed the workload
 * @param steps how many steps to make
 * @param journal a word: how many steps are done
 * @param queue a queue that is empty
 * @param semaphore a semaphore with all its permits
 */
record Victim(
    long seed,
    int steps,
    SharedBlock.Handle journal,
    SharedBlock.Handle queue,
    SharedBlock.Handle semaphore)
    implements SerializableRunnable {

  private static final int SURGE_BYTES = 2 * 1024 * 1024;

  @Override
  public void runChecked() throws Exception {
    SharedBlock note = journal.attach();
    RecordQueue records = RecordQueue.at(queue.attach());
    SharedBlock permitBlock = semaphore.attach();
    TreeMemory memory = permitBlock.memory();
    Permits permits =
        new Permits(permitBlock.segment(), permitBlock.offset(), permitBlock.processes());
    List<Long> blocks = new ArrayList<>();
    Workload workload = new Workload(seed);
    for (int step = 0; step < steps; step++) {
      execute(workload.next(), records, permits, memory, blocks);
      Words.LONG.setVolatile(note.segment(), note.offset(), step + 1L);
    }
  }

  private static void execute(
      Step step, RecordQueue records, Permits permits, TreeMemory memory, List<Long> blocks) {
    switch (step.kind()) {
      case PUT -> RawBytes.offer(records, Workload.element(step.number()));
      case TAKE -> RawBytes.poll(records);
      case PEEK -> records.peek();
      case REMOVE -> records.removeIf(each -> Workload.number(each) == step.number());
      case ALLOCATE -> {
        long block = memory.allocate(step.number());
        memory.segment().set(ValueLayout.JAVA_BYTE, block + step.number() - 1, (byte) 1);
        blocks.add(block);
      }
      case FREE -> memory.free(blocks.remove(step.number()));
      case ACQUIRE -> permits.tryAcquire();
      case RELEASE -> permits.release(1);
      case SURGE -> surge(memory);
    }
  }

  /** Frees more at once than the allocator keeps pages for. */
  private static void surge(TreeMemory memory) {
    List<Long> surge = new ArrayList<>();
    int count = (int) (memory.retainedBytes() / SURGE_BYTES) + 48;
    for (int i = 0; i < count; i++) {
      surge.add(memory.allocate(SURGE_BYTES));
    }
    for (int i = 0; i < count; i += 2) { // no two that lie side by side, and then the others
      memory.free(surge.get(i));
    }
    for (int i = 1; i < count; i += 2) {
      memory.free(surge.get(i));
    }
  }
}
