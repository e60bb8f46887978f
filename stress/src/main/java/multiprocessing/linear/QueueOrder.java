package multiprocessing.linear;

import java.util.ArrayDeque;
import multiprocessing.queue.ProcessQueue;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/** A queue with room for two. */
@Param(name = "element", gen = IntGen.class, conf = "1:9")
public class QueueOrder {
  private static final int BOUND = 2;

  private final ProcessQueue<Integer> queue = new ProcessQueue<>(BOUND);

  /** Puts, if there is room. */
  @Operation
  public boolean offer(@Param(name = "element") int element) {
    return queue.offer(element);
  }

  /** Takes the eldest, or null. */
  @Operation
  public @Nullable Integer poll() {
    return queue.poll();
  }

  /** What it comes to. */
  public static class Plain {
    private final ArrayDeque<Integer> queue = new ArrayDeque<>();

    public boolean offer(int element) {
      return queue.size() < BOUND && queue.add(element);
    }

    public @Nullable Integer poll() {
      return queue.poll();
    }
  }
}
