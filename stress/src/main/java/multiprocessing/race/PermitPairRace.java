package multiprocessing.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import multiprocessing.internal.sync.Permits;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Of two permits one process takes and gives back as many as it gets, the other one takes one. */
@JCStressTest
@Outcome(id = "2, 0, 2", expect = ACCEPTABLE, desc = "The one had both while the other one looked.")
@Outcome(id = "2, 1, 1", expect = ACCEPTABLE, desc = "The one had given one back by then.")
@Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "Each had one of them.")
@State
public class PermitPairRace {
  private static final int BOUND = 2;

  private final long slot = TwoMappings.slot();
  private final Permits first = new Permits(TwoMappings.FIRST, slot, TwoMappings.FIRST_TABLE);
  private final Permits second = new Permits(TwoMappings.SECOND, slot, TwoMappings.SECOND_TABLE);

  /** Two permits. */
  public PermitPairRace() {
    first.format(2, BOUND);
  }

  /** Takes both, one after the other, and gives them back likewise. */
  @Actor
  public void one(III_Result result) {
    result.r1 = (first.tryAcquire() ? 1 : 0) + (first.tryAcquire() ? 1 : 0);
    for (int i = 0; i < result.r1; i++) {
      boolean _ = first.release(1);
    }
  }

  /** Takes one. */
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
