package multiprocessing.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What the command line asks for.
 *
 * @param help whether only help is wanted
 * @param quick whether to hurry
 * @param write whether to write the results down
 * @param rows what to measure
 * @param oneMachine whether to measure what lives in one JVM
 */
record Options(boolean help, boolean quick, boolean write, List<Row> rows, boolean oneMachine) {

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException if it makes no sense; the message says why
   */
  static Options parse(List<String> arguments) {
    boolean help = false;
    boolean quick = false;
    boolean write = false;
    List<String> names = new ArrayList<>();
    for (String argument : arguments) {
      switch (argument) {
        case "--quick" -> quick = true;
        case "--write" -> write = true;
        case "--help", "-h" -> help = true;
        default -> names.add(checked(argument));
      }
    }
    List<Row> rows =
        Rows.ALL.stream()
            .filter(row -> names.isEmpty() || names.stream().anyMatch(row::isNamed))
            .toList();
    boolean oneMachine = names.isEmpty() || names.contains(OneMachine.NAME);
    return new Options(help, quick, write, rows, oneMachine);
  }

  private static String checked(String argument) {
    if (argument.startsWith("-")) {
      throw new IllegalArgumentException("there is no option " + argument);
    }
    if (!argument.equals(OneMachine.NAME)
        && Rows.ALL.stream().noneMatch(row -> row.isNamed(argument))) {
      throw new IllegalArgumentException("there is no row and no group '" + argument + "'");
    }
    return argument;
  }
}
