package multiprocessing.bench;

import java.time.Duration;

/**
 * How long is measured.
 *
 * @param rounds how many rounds each side has
 * @param round how long a round shall take
 * @param warmUps how many times the warm-up of a quick run each side gets
 * @param limit after how long a row is given up
 */
record Plan(int rounds, Duration round, int warmUps, Duration limit) {
  static final Plan QUICK = new Plan(5, Duration.ofMillis(120), 1, Duration.ofSeconds(40));
  static final Plan FULL = new Plan(11, Duration.ofMillis(500), 5, Duration.ofMinutes(2));

  Duration warmUp(Program program) {
    return program.warmUp().multipliedBy(warmUps);
  }
}
