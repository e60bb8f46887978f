package multiprocessing.pool;

import multiprocessing.internal.serial.Payload;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for with a job.
 *
 * @param function the function, encoded
 * @param chunk how many items a chunk has; 0 to follow the time that items take
 */
record JobSpec(Payload function, int chunk, TaskOptions options, @Nullable ProgressMeter meter) {}
