package multiprocessing.testing.conformance;

import java.util.List;

/**
 * A behaviour that a test of Python's suite asserts.
 *
 * @param number names it in {@link multiprocessing.testing.Proves}
 * @param suite the class of Python's test
 * @param method the method of Python's test
 * @param behaviour what it asserts, in our words
 * @param standing {@link #PROVEN}, {@link #COMING}, or {@link #NO} and why it does not apply
 */
record Row(int number, String suite, String method, String behaviour, String standing) {
  static final String PROVEN = "proven";
  static final String COMING = "coming";
  static final String NO = "no: ";

  private static final int COLUMNS = 5;

  /** Reads lines of columns that tabs part. */
  static List<Row> parse(List<String> lines) {
    return lines.stream().filter(line -> !line.isBlank()).map(Row::parse).toList();
  }

  private static Row parse(String line) {
    List<String> columns = List.of(line.split("\t", -1));
    if (columns.size() != COLUMNS) {
      throw new IllegalArgumentException("not " + COLUMNS + " columns: " + line);
    }
    return new Row(
        Integer.parseInt(columns.get(0)),
        columns.get(1),
        columns.get(2),
        columns.get(3),
        columns.get(4));
  }

  String toLine() {
    return String.join("\t", "" + number, suite, method, behaviour, standing);
  }

  boolean isComing() {
    return standing.equals(COMING);
  }

  boolean isProven() {
    return standing.equals(PROVEN);
  }

  /** Whether it says why it does not apply. */
  boolean hasReason() {
    return standing.startsWith(NO) && !reason().isBlank();
  }

  String reason() {
    return standing.substring(NO.length());
  }

  Row as(String other) {
    return new Row(number, suite, method, behaviour, other);
  }
}
