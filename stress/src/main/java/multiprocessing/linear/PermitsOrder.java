package multiprocessing.linear;

import multiprocessing.internal.sync.Permits;
import multiprocessing.race.TwoMappings;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** A bounded semaphore, of which two processes take permits and give some, also without having. */
@Param(name = "process", gen = IntGen.class, conf = "0:1")
@Param(name = "count", gen = IntGen.class, conf = "1:2")
public class PermitsOrder {
  private static final int PERMITS = 2;
  private static final int BOUND = 3;

  private final long slot = TwoMappings.slot();
  private final Permits[] processes = {
    new Permits(TwoMappings.FIRST, slot, TwoMappings.FIRST_TABLE),
    new Permits(TwoMappings.SECOND, slot, TwoMappings.SECOND_TABLE)
  };

  /** Two permits, of which there may be three. */
  public PermitsOrder() {
    processes[0].format(PERMITS, BOUND);
  }

  /** Takes one if there is one. */
  @Operation
  public boolean tryAcquire(@Param(name = "process") int process) {
    return processes[process].tryAcquire();
  }

  /** Gives some, unless they would be too many. */
  @Operation
  public boolean release(@Param(name = "process") int process, @Param(name = "count") int count) {
    return processes[process].release(count);
  }

  /** Takes all there are. */
  @Operation
  public int drain(@Param(name = "process") int process) {
    return processes[process].drain();
  }

  /** How many there are. */
  @Operation
  public int available(@Param(name = "process") int process) {
    return processes[process].available();
  }

  /** What it comes to. */
  public static class Plain {
    private int permits = PERMITS;

    public boolean tryAcquire(int process) {
      boolean has = permits > 0;
      if (has) {
        permits--;
      }
      return has;
    }

    public boolean release(int process, int count) {
      boolean fits = permits + count <= BOUND;
      if (fits) {
        permits += count;
      }
      return fits;
    }

    public int drain(int process) {
      int all = permits;
      permits = 0;
      return all;
    }

    public int available(int process) {
      return permits;
    }
  }
}
