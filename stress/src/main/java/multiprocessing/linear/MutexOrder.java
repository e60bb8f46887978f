package multiprocessing.linear;

import multiprocessing.internal.sync.Mutex;
import multiprocessing.internal.sync.Mutex.Outcome;
import multiprocessing.race.TwoMappings;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** A lock, tried and given back by two processes, each of which may have several threads. */
@Param(name = "process", gen = IntGen.class, conf = "0:1")
public class MutexOrder {
  private final long slot = TwoMappings.slot();
  private final Mutex[] processes = {
    new Mutex(TwoMappings.FIRST, slot, TwoMappings.FIRST_TABLE),
    new Mutex(TwoMappings.SECOND, slot, TwoMappings.SECOND_TABLE)
  };

  /** Takes it if it is free. */
  @Operation
  public boolean tryLock(@Param(name = "process") int process) {
    return processes[process].tryLock() != Outcome.TIMED_OUT;
  }

  /** Gives it back; false if the process does not have it. */
  @Operation
  public boolean unlock(@Param(name = "process") int process) {
    try {
      processes[process].unlock();
      return true;
    } catch (IllegalMonitorStateException e) {
      return false;
    }
  }

  /** Whether anybody has it, as one of them sees it. */
  @Operation
  public boolean isLocked(@Param(name = "process") int process) {
    return processes[process].isLocked();
  }

  /** What it comes to. */
  public static class Plain {
    private static final int NOBODY = -1;
    private int holder = NOBODY;

    public boolean tryLock(int process) {
      boolean isFree = holder == NOBODY;
      if (isFree) {
        holder = process;
      }
      return isFree;
    }

    public boolean unlock(int process) {
      boolean had = holder == process;
      if (had) {
        holder = NOBODY;
      }
      return had;
    }

    public boolean isLocked(int process) {
      return holder != NOBODY;
    }
  }
}
