package multiprocessing.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Measures a row: all of its sides, turn by turn. */
final class Runner {
  private static final long MOST_GROWTH = 10;
  private static final int LEAST_ROUNDS = 3;
  private static final int MOST_EXCESS = 2;

  private final Toolbox toolbox;
  private final Plan plan;

  Runner(Toolbox toolbox, Plan plan) {
    this.toolbox = toolbox;
    this.plan = plan;
  }

  Outcome run(Row row) throws InterruptedException {
    Map<Side, String> failures = new LinkedHashMap<>();
    List<Turn> turns = new ArrayList<>();
    long end = System.nanoTime() + plan.limit().toNanos();
    try {
      for (Side side : row.sides()) {
        start(side, row, end, failures).ifPresent(turns::add);
      }
      turns.removeIf(turn -> !turn.succeeds(turn::warmUp, failures));
      for (int round = 0; round < plan.rounds() && !isEnough(turns, round); round++) {
        turns.removeIf(turn -> !turn.succeeds(turn::measure, failures));
      }
    } finally {
      turns.forEach(turn -> turn.remote.quit());
      turns.forEach(turn -> turn.remote.close());
    }
    Map<Side, Samples> samples = new LinkedHashMap<>();
    turns.forEach(turn -> samples.put(turn.side, new Samples(turn.nanos)));
    return new Outcome(row, samples, failures);
  }

  /** Whether the sides have had so much time that the rounds left are not worth it. */
  private boolean isEnough(List<Turn> turns, int rounds) {
    long spent = turns.stream().mapToLong(turn -> turn.spent).sum();
    long planned = plan.round().toNanos() * plan.rounds() * turns.size();
    return rounds >= LEAST_ROUNDS && spent > planned * MOST_EXCESS;
  }

  private Optional<Turn> start(Side side, Row row, long end, Map<Side, String> failures) {
    Optional<List<String>> command = toolbox.command(side.program(), side.work());
    if (command.isEmpty()) {
      failures.put(side, "skipped: " + toolbox.tool(side.program()).version());
      return Optional.empty();
    }
    try {
      return Optional.of(new Turn(side, row, Remote.start(command.get()), end));
    } catch (IOException e) {
      failures.put(side, "failed: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** How often the work is done next, after {@code count} times, if one takes {@code nanos}. */
  static long nextCount(long count, double nanos, long wantedNanos) {
    return Math.clamp(Math.round(wantedNanos / Math.max(0.01, nanos)), 1, count * MOST_GROWTH);
  }

  /** A step of a side. */
  private interface Step {
    void take() throws Remote.FailedException, InterruptedException;
  }

  /** One side, and how far it is. */
  private final class Turn {
    private final Side side;
    private final Row row;
    private final Remote remote;
    private final long end;
    private final List<Double> nanos = new ArrayList<>();
    private long count = 1;
    private long spent;

    Turn(Side side, Row row, Remote remote, long end) {
      this.side = side;
      this.row = row;
      this.remote = remote;
      this.end = end;
    }

    boolean succeeds(Step step, Map<Side, String> failures) {
      try {
        step.take();
        return true;
      } catch (Remote.FailedException e) {
        failures.put(side, "failed: " + e.getMessage());
      } catch (InterruptedException e) {
        failures.put(side, "interrupted");
        Thread.currentThread().interrupt();
      }
      remote.close();
      return false;
    }

    void warmUp() throws Remote.FailedException, InterruptedException {
      remote.awaitReady(left());
      long wanted = plan.round().toNanos();
      long warm = plan.warmUp(side.program()).toNanos();
      // By the fastest round so far: one that was disturbed must not make all others short.
      double fastest = Double.MAX_VALUE;
      long last = 0;
      long ran = 0;
      boolean whole = false;
      for (long sum = 0; ran < row.least() || sum < warm || !whole; sum += last) {
        ran = count;
        last = -System.nanoTime(); // not what it says it took, of which pauses are no part
        remote.run(count, left());
        last += System.nanoTime();
        whole = last >= wanted / 2 || ran == row.most();
        fastest = Math.min(fastest, (double) last / count);
        count = Math.clamp(nextCount(count, fastest, wanted), row.least(), row.most());
      }
    }

    void measure() throws Remote.FailedException, InterruptedException {
      long start = System.nanoTime();
      nanos.add((double) remote.run(count, left()) / count);
      spent += System.nanoTime() - start;
    }

    private Duration left() {
      return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }
  }
}
