package multiprocessing.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import multiprocessing.internal.sync.Mutex;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Two processes add to one number that only the lock protects. */
@JCStressTest
@Outcome(id = "2", expect = ACCEPTABLE, desc = "Both additions count.")
@State
public class MutexRace {
  private static final long NUMBER = 64;

  private final long slot = TwoMappings.slot();
  private final Mutex first = new Mutex(TwoMappings.FIRST, slot, TwoMappings.FIRST_TABLE);
  private final Mutex second = new Mutex(TwoMappings.SECOND, slot, TwoMappings.SECOND_TABLE);

  /** One process. */
  @Actor
  public void one() {
    Mutex.Outcome _ = first.lock();
    long number = slot + NUMBER;
    TwoMappings.setPlain(
        TwoMappings.FIRST, number, TwoMappings.plain(TwoMappings.FIRST, number) + 1);
    first.unlock();
  }

  /** The other one. */
  @Actor
  public void other() {
    Mutex.Outcome _ = second.lock();
    long number = slot + NUMBER;
    TwoMappings.setPlain(
        TwoMappings.SECOND, number, TwoMappings.plain(TwoMappings.SECOND, number) + 1);
    second.unlock();
  }

  /** What became of it. */
  @Arbiter
  public void look(I_Result result) {
    result.r1 = TwoMappings.plain(TwoMappings.FIRST, slot + NUMBER);
  }
}
