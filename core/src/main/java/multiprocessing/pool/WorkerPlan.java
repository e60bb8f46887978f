package multiprocessing.pool;

import java.io.Serializable;
import multiprocessing.process.SerializableRunnable;
import org.jspecify.annotations.Nullable;

/**
 * What a worker is told of its pool.
 *
 * @param initializer what it runs before its first task
 * @param exitHook what it runs when it leaves by itself
 * @param maxMemory how many bytes of private memory it may have between two tasks; 0 for any
 * @param namedOutput whether the lines that it prints begin with its name
 * @param nesting how deep the pools of its tasks would be, and what binds them
 */
record WorkerPlan(
    @Nullable SerializableRunnable initializer,
    @Nullable SerializableRunnable exitHook,
    long maxMemory,
    boolean namedOutput,
    Nesting nesting)
    implements Serializable {}
