package multiprocessing.bench;

import java.util.List;

/**
 * The times of one side, a number for each round.
 *
 * @param nanos nanoseconds for one operation, ascending
 */
record Samples(List<Double> nanos) {
  Samples {
    if (nanos.isEmpty()) {
      throw new IllegalArgumentException("no samples");
    }
    nanos = nanos.stream().sorted().toList();
  }

  double median() {
    int middle = nanos.size() / 2;
    return nanos.size() % 2 == 1
        ? nanos.get(middle)
        : (nanos.get(middle - 1) + nanos.get(middle)) / 2;
  }

  double least() {
    return nanos.getFirst();
  }

  double most() {
    return nanos.getLast();
  }
}
