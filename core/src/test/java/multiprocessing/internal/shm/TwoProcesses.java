package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Constructor;
import multiprocessing.internal.os.SharedFile;

/**
 * Two mappings of one memory in this JVM, each enrolled as a process of its own: what one does the
 * other sees as if it came from outside.
 */
final class TwoProcesses implements AutoCloseable {
  private final TreeMemory first;
  private final TreeMemory second;

  TwoProcesses(long bytes) {
    first = TreeMemory.create(bytes);
    first.processes().enrol();
    second = map(first.fd(), bytes);
    second.processes().enrol();
  }

  private static TreeMemory map(int fd, long bytes) {
    try {
      Constructor<TreeMemory> constructor =
          TreeMemory.class.getDeclaredConstructor(int.class, MemorySegment.class);
      constructor.setAccessible(true);
      return constructor.newInstance(fd, SharedFile.map(fd, bytes));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  TreeMemory first() {
    return first;
  }

  TreeMemory second() {
    return second;
  }

  /** The first process is dead from now on, as far as the second can see. */
  void firstDies() {
    second.processes().bury(ProcessHandle.current().pid());
  }

  /** The same, and the second cleans up behind it. */
  void firstDiesAndIsMourned() {
    second.processDied(ProcessHandle.current().pid());
  }

  @Override
  public void close() {
    SharedFile.unmap(second.segment());
    SharedFile.unmap(first.segment());
    SharedFile.close(first.fd());
  }
}
