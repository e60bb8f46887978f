package multiprocessing.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the figures were measured on. */
final class Machine {
  private Machine() {}

  /** Returns what there is to say, the kind of thing first. */
  static Map<String, String> describe(Toolbox toolbox) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Date", LocalDate.now(ZoneOffset.UTC).toString());
    facts.put("Processor", processor() + ", " + cores());
    facts.put("Kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("Load at the start", load());
    facts.put("Java", toolbox.version(Program.JAVA).orElse("none"));
    facts.put("Python", toolbox.version(Program.PYTHON).orElse("none"));
    facts.put("C", toolbox.version(Program.C).orElse("none"));
    return facts;
  }

  private static String cores() {
    int cores = Runtime.getRuntime().availableProcessors();
    return cores == 1 ? "1 core" : cores + " cores";
  }

  private static String processor() {
    return firstOf("/proc/cpuinfo", "model name")
        .orElseGet(() -> System.getProperty("os.arch") + " of unknown model");
  }

  private static Optional<String> firstOf(String file, String key) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(key) && line.indexOf(':') > 0)
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String load() {
    try {
      return Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0];
    } catch (IOException e) {
      return "unknown";
    }
  }
}
