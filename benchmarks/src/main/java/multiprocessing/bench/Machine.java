package multiprocessing.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** What the figures were measured on. */
final class Machine {
  private Machine() {}

  /**
   * Returns what there is to say, the kind of thing first; of programs, of those that have a side.
   */
  static Map<String, String> describe(Toolbox toolbox, List<Row> rows) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Date", LocalDate.now(ZoneOffset.UTC).toString());
    facts.put("Processor", processor() + ", " + cores());
    facts.put("Kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("Load at the start", load());
    Stream.concat(
            Stream.of(Program.JAVA),
            rows.stream().flatMap(row -> row.sides().stream()).map(Side::program))
        .distinct()
        .sorted()
        .forEach(program -> facts.put(program.title(), toolbox.tool(program).version()));
    if (rows.stream().flatMap(row -> row.sides().stream()).anyMatch(Machine::isPp4j)) {
      facts.put(Peer.PP4J.title(), pp4j());
    }
    return facts;
  }

  private static boolean isPp4j(Side side) {
    return side.peer() == Peer.PP4J;
  }

  private static String pp4j() {
    Properties properties = new Properties();
    String name = "/META-INF/maven/net.viktorc/pp4j/pom.properties";
    try (InputStream content = Machine.class.getResourceAsStream(name)) {
      properties.load(Objects.requireNonNull(content, name));
    } catch (IOException e) {
      return "of unknown version";
    }
    return properties.getProperty("version", "of unknown version");
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
