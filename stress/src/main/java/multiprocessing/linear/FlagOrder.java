package multiprocessing.linear;

import multiprocessing.internal.sync.Flag;
import multiprocessing.race.TwoMappings;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** A flag, set and cleared by two processes. */
@Param(name = "process", gen = IntGen.class, conf = "0:1")
public class FlagOrder {
  private final long slot = TwoMappings.slot();
  private final Flag[] processes = {
    new Flag(TwoMappings.FIRST, slot, TwoMappings.FIRST_TABLE),
    new Flag(TwoMappings.SECOND, slot, TwoMappings.SECOND_TABLE)
  };

  /** Sets it. */
  @Operation
  public void set(@Param(name = "process") int process) {
    processes[process].set();
  }

  /** Clears it. */
  @Operation
  public void clear(@Param(name = "process") int process) {
    processes[process].clear();
  }

  /** Whether it is set. */
  @Operation
  public boolean isSet(@Param(name = "process") int process) {
    return processes[process].isSet();
  }

  /** What it comes to. */
  public static class Plain {
    private boolean isSet;

    public void set(int process) {
      isSet = true;
    }

    public void clear(int process) {
      isSet = false;
    }

    public boolean isSet(int process) {
      return isSet;
    }
  }
}
