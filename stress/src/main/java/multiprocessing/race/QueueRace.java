package multiprocessing.race;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.Objects;
import multiprocessing.queue.ProcessQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** One puts two elements, another one takes two, if they are there; the rest is counted. */
@JCStressTest
@Outcome(id = "0, 0, 2", expect = ACCEPTABLE, desc = "Both came too late.")
@Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "The first one came at the second look.")
@Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "The second one came too late.")
@Outcome(id = "1, 2, 0", expect = ACCEPTABLE, desc = "Both, in order.")
@State
public class QueueRace {
  private final ProcessQueue<Integer> queue = new ProcessQueue<>();

  /** Puts. */
  @Actor
  public void put() {
    queue.add(1);
    queue.add(2);
  }

  /** Takes. */
  @Actor
  public void take(III_Result result) {
    result.r1 = Objects.requireNonNullElse(queue.poll(), 0);
    result.r2 = Objects.requireNonNullElse(queue.poll(), 0);
  }

  /** Counts what is left, and gives the memory back. */
  @Arbiter
  public void look(III_Result result) {
    result.r3 = queue.size();
    queue.close();
  }
}
