package multiprocessing.pool;

import java.time.Duration;
import multiprocessing.process.ProcessOptions;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.Nullable;

/**
 * What a pool is to be, as its builder was told.
 *
 * @param least how many workers it has at least
 * @param most how many at most
 * @param spares how many are kept ready besides
 * @param idle how long a worker beyond the least has nothing to do before it leaves
 * @param maxTasks after how many tasks a worker is replaced; 0 for never
 * @param maxRestarts how many workers may be lost; negative for any number
 * @param window how many items of a stream may be between its source and its taker; 0 for what the
 *     pool thinks right
 * @param pinned whether each worker is bound to processors of its own
 * @param debugged which worker a debugger may attach to; null for none
 */
record PoolPlan(
    int least,
    int most,
    int spares,
    Duration idle,
    long maxTasks,
    int maxRestarts,
    int window,
    boolean pinned,
    @Nullable Debugged debugged,
    WorkerPlan worker,
    TaskOptions tasks,
    ProcessOptions options,
    StartMethod method) {

  /** A worker by its number, from 1, and the port where it listens. */
  record Debugged(int worker, int port) {}
}
