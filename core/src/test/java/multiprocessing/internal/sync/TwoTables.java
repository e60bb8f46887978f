package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;
import multiprocessing.internal.os.SharedFile;

/** Two mappings of one memory in this JVM, each with a process table of its own to be known by. */
final class TwoTables implements AutoCloseable {
  /** Where what is tested may lie. */
  static final long FREE = ProcessTable.BYTES;

  private static final long BYTES = ProcessTable.BYTES + 8192;

  private final int fd = SharedFile.create("multiprocessing", BYTES);
  final MemorySegment first = SharedFile.map(fd, BYTES);
  final MemorySegment second = SharedFile.map(fd, BYTES);
  final ProcessTable firstTable = new ProcessTable(first, 0);
  final ProcessTable secondTable = new ProcessTable(second, 0);

  TwoTables() {
    firstTable.enrol();
    secondTable.enrol();
  }

  /** The first process is dead from now on, as far as the second can see. */
  void firstDies() {
    secondTable.bury(ProcessHandle.current().pid());
  }

  @Override
  public void close() {
    SharedFile.unmap(first);
    SharedFile.unmap(second);
    SharedFile.close(fd);
  }
}
