package multiprocessing.bench;

import java.util.Locale;

/** In what the speed of a row is told. */
enum Unit {
  /** Time for each operation: less is better. */
  TIME,
  /** Operations a second: more is better. */
  RATE,
  /** Bytes a second: more is better. */
  BYTES,
  /** Bytes for each operation, which a work reports in the place of nanoseconds: less is better. */
  MEMORY,
  /**
   * How many times what another operation costs, of which a work reports thousandths in the place
   * of nanoseconds: less is better.
   */
  MULTIPLE;

  private static final double THOUSANDTHS = 1000;

  private static final String[] TIMES = {"ns", "µs", "ms", "s"};
  private static final String[] RATES = {"/s", "k/s", "M/s", "G/s"};
  private static final String[] SIZES = {"B", "kB", "MB", "GB"};
  private static final String[] BYTE_RATES = {"B/s", "kB/s", "MB/s", "GB/s"};

  /**
   * Returns the value of this unit.
   *
   * @param nanos time for one operation, or bytes
   * @param each how many items or bytes one operation is
   */
  double value(double nanos, long each) {
    return switch (this) {
      case TIME, MEMORY -> nanos / each;
      case MULTIPLE -> nanos / THOUSANDTHS;
      case RATE, BYTES -> each * 1e9 / nanos;
    };
  }

  /** Whether less of it is better. */
  boolean isLessBetter() {
    return this != RATE && this != BYTES;
  }

  /** Returns a value with three digits and a name for its size. */
  String format(double value) {
    if (this == MULTIPLE) {
      return digits(value) + " ×";
    }
    String[] names =
        switch (this) {
          case TIME -> TIMES;
          case RATE -> RATES;
          case BYTES -> BYTE_RATES;
          case MEMORY, MULTIPLE -> SIZES;
        };
    int power = 0;
    double scaled = value;
    while (scaled >= 999.5 && power < names.length - 1) {
      scaled /= 1000;
      power++;
    }
    return digits(scaled) + " " + names[power];
  }

  /** Returns a number with three digits, or all those before the point. */
  static String digits(double number) {
    double size = Math.abs(number);
    if (size >= 99.95 || size == 0) {
      return String.format(Locale.ROOT, "%.0f", number);
    }
    int decimals = 2 - (int) Math.floor(Math.log10(size));
    if (Math.round(size * Math.pow(10, decimals)) >= 1000) {
      decimals--; // 9.996 is 10.0
    }
    return String.format(Locale.ROOT, "%." + Math.max(0, decimals) + "f", number);
  }
}
