package multiprocessing.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import multiprocessing.internal.sync.Permits;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two processes want the only permit; one of them gives it back at once. */
@JCStressTest
@Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "The one had it while the other one looked.")
@Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "The one had given it back by then.")
@Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "The other one was first.")
@State
public class PermitsRace {
  private static final int BOUND = 8;

  private final long slot = TwoMappings.slot();
  private final Permits first = new Permits(TwoMappings.FIRST, slot, TwoMappings.FIRST_TABLE);
  private final Permits second = new Permits(TwoMappings.SECOND, slot, TwoMappings.SECOND_TABLE);

  /** One permit. */
  public PermitsRace() {
    first.format(1, BOUND);
  }

  /** Takes it and gives it back. */
  @Actor
  public void one(III_Result result) {
    boolean has = first.tryAcquire();
    result.r1 = has ? 1 : 0;
    if (has) {
      boolean _ = first.release(1);
    }
  }

  /** Takes it. */
  @Actor
  public void other(III_Result result) {
    result.r2 = second.tryAcquire() ? 1 : 0;
  }

  /** How many are left. */
  @Arbiter
  public void look(III_Result result) {
    result.r3 = second.available();
  }
}
