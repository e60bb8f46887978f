package multiprocessing.pool;

import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import multiprocessing.internal.os.MachineMemory;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.ProcessOptions;
import multiprocessing.process.StartMethod;

/** Makes the workers of a pool, each with its share of the machine. */
final class WorkerFactory {
  private static final long LEAST_HEAP = 64L << 20;
  private static final String DEBUGGER =
      "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:";

  private final PoolPlan plan;
  private final BitSet processors = ProcessControl.affinity();
  private final AtomicInteger made = new AtomicInteger();

  WorkerFactory(PoolPlan plan) {
    this.plan = plan;
  }

  /** A worker that is not started yet. */
  Worker create(Channel channel) {
    ChildProcess.Builder process =
        ChildProcess.builder()
            .target(new WorkerMain(channel.export(), plan.worker()))
            .namePrefix("PoolWorker")
            .daemon(true)
            .options(options(made.incrementAndGet()))
            .startMethod(plan.method());
    return new Worker(process.build(), channel);
  }

  private ProcessOptions options(int number) {
    ProcessOptions given = plan.options();
    ProcessOptions.Builder options = given.toBuilder();
    if (plan.pinned() && given.processors().isEmpty()) {
      options.processors(share(number - 1));
    }
    PoolPlan.Debugged debugged = plan.debugged();
    if (debugged != null && debugged.worker() == number) {
      options.jvmOptions(DEBUGGER + debugged.port());
    }
    if (plan.method() == StartMethod.SPAWN) {
      if (!decidesHeap(given)) {
        options.heapLimit(heapShare(MachineMemory.bytes(), plan.most()));
      }
      int each = processors.cardinality() / plan.most();
      if (each > 1 && given.jvmOptions().stream().noneMatch(o -> o.contains("ProcessorCount"))) {
        options.jvmOptions("-XX:ActiveProcessorCount=" + each);
      }
    }
    return options.build();
  }

  private static boolean decidesHeap(ProcessOptions given) {
    return given.heapLimit().isPresent()
        || given.jvmOptions().stream()
            .anyMatch(o -> o.startsWith("-Xmx") || o.contains("RAMPercentage"));
  }

  /**
   * The heap of each of {@code workers} workers: together three quarters of the memory, and none
   * more than the quarter that a virtual machine takes by itself.
   */
  static long heapShare(long memory, int workers) {
    return Math.max(LEAST_HEAP, Math.min(memory / 4, memory / 4 * 3 / workers));
  }

  /** The processors of a worker: its share of those of this process, in turn. */
  private int[] share(int number) {
    List<Integer> all = processors.stream().boxed().toList();
    int each = Math.max(1, all.size() / plan.most());
    int[] share = new int[each];
    for (int i = 0; i < each; i++) {
      share[i] = all.get((number * each + i) % all.size());
    }
    return share;
  }
}
