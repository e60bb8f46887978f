package multiprocessing.pool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds out why a worker died, as far as its traces tell. */
final class Obituary {
  private static final int SIGKILL = 9;
  private static final int MOST_LINES = 4;
  private static final String EVENTS = "memory.events";

  private Obituary() {}

  /** What was known when the worker started. */
  record Before(long oomKills) {}

  static Before before() {
    return new Before(oomKills());
  }

  /** The end of what it said, a summary of its crash report, and the kernel's part in it. */
  static String write(long pid, int exitCode, String stderrTail, Before before) {
    StringBuilder text = new StringBuilder(stderrTail);
    if (!stderrTail.isEmpty() && !stderrTail.endsWith("\n")) {
      text.append('\n');
    }
    for (Path place : List.of(Path.of(""), Path.of("/tmp"))) {
      Path report = place.resolve("hs_err_pid" + pid + ".log").toAbsolutePath();
      if (Files.isReadable(report)) {
        summarize(report, text);
        break;
      }
    }
    if (exitCode == -SIGKILL && oomKills() > before.oomKills) {
      text.append("the out-of-memory killer has struck in this control group meanwhile\n");
    }
    return text.toString();
  }

  /** The virtual machine writes what was wrong and where it was into the first lines. */
  private static void summarize(Path report, StringBuilder text) {
    text.append("crash report ").append(report).append(":\n");
    try {
      List<String> lines = new ArrayList<>();
      boolean frameFollows = false;
      for (String line : Files.readAllLines(report, StandardCharsets.ISO_8859_1)) {
        boolean tells =
            frameFollows
                || line.startsWith("#  SIG")
                || line.startsWith("#  Internal Error")
                || line.startsWith("# Native memory allocation")
                || line.startsWith("#  fatal error");
        frameFollows = line.startsWith("# Problematic frame");
        if (tells) {
          lines.add(line.substring(1).strip());
        }
        if (lines.size() == MOST_LINES || line.startsWith("---------------  T H R E A D")) {
          break;
        }
      }
      lines.forEach(line -> text.append("  ").append(line).append('\n'));
    } catch (IOException e) {
      text.append("  cannot be read: ").append(e).append('\n');
    }
  }

  /** How often the kernel has killed something in this process's control group for its memory. */
  private static long oomKills() {
    long most = 0;
    for (String file : EventFiles.PATHS) {
      try {
        for (String line : Files.readAllLines(Path.of(file))) {
          if (line.startsWith("oom_kill ")) {
            most = Math.max(most, Long.parseLong(line.substring("oom_kill ".length()).strip()));
          }
        }
      } catch (IOException | NumberFormatException e) {
        // no such controller here: then nobody knows
      }
    }
    return most;
  }

  /** Where the control group of this process tells what befell it. */
  private static final class EventFiles {
    static final List<String> PATHS = find();

    private static List<String> find() {
      List<String> paths = new ArrayList<>();
      String root = "/sys/fs/cgroup";
      try {
        for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
          String[] parts = line.split(":", 3);
          if (parts.length == 3 && parts[1].isEmpty()) {
            paths.add(root + parts[2] + "/" + EVENTS);
          } else if (parts.length == 3 && parts[1].equals("memory")) {
            paths.add(root + "/memory" + parts[2] + "/memory.oom_control");
          }
        }
      } catch (IOException e) {
        // then only the usual places are left
      }
      paths.add(root + "/" + EVENTS);
      paths.add(root + "/memory/memory.oom_control");
      paths.removeIf(path -> !Files.isReadable(Path.of(path)));
      return List.copyOf(paths);
    }
  }
}
