package multiprocessing.bench;

/**
 * What the ratio to the baseline is to be.
 *
 * @param bound the ratio
 * @param atMost whether less is better
 */
record Aim(double bound, boolean atMost) {
  static Aim atMost(double bound) {
    return new Aim(bound, true);
  }

  static Aim atLeast(double bound) {
    return new Aim(bound, false);
  }

  boolean isMetBy(double ratio) {
    return atMost ? ratio <= bound : ratio >= bound;
  }

  @Override
  public String toString() {
    return (atMost ? "≤ " : "≥ ") + Unit.digits(bound);
  }
}
