package multiprocessing.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import multiprocessing.internal.sync.Flag;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * One process writes a number and sets the flag; another one sees the flag, and reads the number.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Too early for both.")
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The number is there, the flag is not set yet.")
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "What was done before the flag is seen with it.")
@State
public class FlagRace {
  private static final long NUMBER = 64;

  private final long slot = TwoMappings.slot();
  private final Flag first = new Flag(TwoMappings.FIRST, slot, TwoMappings.FIRST_TABLE);
  private final Flag second = new Flag(TwoMappings.SECOND, slot, TwoMappings.SECOND_TABLE);

  /** The one that sets it. */
  @Actor
  public void tell() {
    TwoMappings.setPlain(TwoMappings.FIRST, slot + NUMBER, 1);
    first.set();
  }

  /** The one that looks. */
  @Actor
  public void look(II_Result result) {
    result.r1 = second.isSet() ? 1 : 0;
    result.r2 = TwoMappings.plain(TwoMappings.SECOND, slot + NUMBER);
  }
}
