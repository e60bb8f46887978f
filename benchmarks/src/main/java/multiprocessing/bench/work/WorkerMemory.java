package multiprocessing.bench.work;

import java.nio.file.Path;
import multiprocessing.pool.ProcessPool;

/** The memory that an idle worker of a pool of two has for itself, in bytes. */
final class WorkerMemory implements Work {
  private static final long SETTLED_MILLIS = 200;

  @Override
  public long run(long count) throws Exception {
    long bytes = 0;
    for (long i = 0; i < count; i++) {
      try (ProcessPool pool = ProcessPool.builder().processes(2).build()) {
        long pid = pool.apply(() -> ProcessHandle.current().pid());
        Thread.sleep(SETTLED_MILLIS); // what its virtual machine still compiles
        bytes += IdleMemory.read(Path.of("/proc", "" + pid, "smaps_rollup"), IdleMemory.PRIVATE);
      }
    }
    return bytes;
  }
}
