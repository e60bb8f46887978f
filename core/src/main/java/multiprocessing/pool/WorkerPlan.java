package multiprocessing.pool;

import java.io.Serial;
import java.io.Serializable;
import multiprocessing.process.SerializableRunnable;
import org.jspecify.annotations.Nullable;

/** What a worker is told of its pool. */
final class WorkerPlan implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  final @Nullable SerializableRunnable initializer;
  final @Nullable SerializableRunnable exitHook;
  final long maxMemory;
  final boolean namedOutput;
  final Nesting nesting;

  /**
   * A plan.
   *
   * @param initializer what the worker runs before its first task
   * @param exitHook what it runs when it leaves by itself
   * @param maxMemory how many bytes of private memory it may have between two tasks; 0 for any
   * @param namedOutput whether the lines that it prints begin with its name
   * @param nesting how deep the pools of its tasks would be, and what binds them
   */
  WorkerPlan(
      @Nullable SerializableRunnable initializer,
      @Nullable SerializableRunnable exitHook,
      long maxMemory,
      boolean namedOutput,
      Nesting nesting) {
    this.initializer = initializer;
    this.exitHook = exitHook;
    this.maxMemory = maxMemory;
    this.namedOutput = namedOutput;
    this.nesting = nesting;
  }
}
