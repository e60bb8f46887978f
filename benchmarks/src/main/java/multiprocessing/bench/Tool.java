package multiprocessing.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What starts the works of a program.
 *
 * @param command the command line before the name of the work; empty if the program is not here
 * @param version the version of the program, or why it is not here
 */
record Tool(List<String> command, String version) {
  static Tool missing(String why) {
    return new Tool(List.of(), why);
  }

  boolean isMissing() {
    return command.isEmpty();
  }

  /** The command line that does a work, or empty if the program is not here. */
  Optional<List<String>> command(String work) {
    if (isMissing()) {
      return Optional.empty();
    }
    List<String> line = new ArrayList<>(command);
    line.add(work);
    return Optional.of(List.copyOf(line));
  }
}
