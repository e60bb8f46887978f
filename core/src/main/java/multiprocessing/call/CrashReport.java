package multiprocessing.call;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a virtual machine leaves in {@code hs_err_pid<pid>.log} when it crashes, in short. */
final class CrashReport {
  private static final int MOST_LINES = 12;

  private CrashReport() {}

  /** The summary for a process; empty if it left no report. */
  static String of(long pid, @Nullable Path directory) {
    String name = "hs_err_pid" + pid + ".log";
    Path folder = directory == null ? Path.of("") : directory;
    for (Path place : List.of(folder.resolve(name), Path.of("/tmp").resolve(name))) {
      if (Files.isReadable(place)) {
        try {
          List<String> lines = Files.readAllLines(place, StandardCharsets.ISO_8859_1);
          return summary(lines) + "(all of it: " + place.toAbsolutePath() + ")";
        } catch (IOException e) {
          return "";
        }
      }
    }
    return "";
  }

  /** The signal, the versions, and the frame: what stands between the hash signs at its head. */
  private static String summary(List<String> lines) {
    List<String> told = new ArrayList<>();
    for (String line : lines) {
      String text = line.startsWith("#") ? line.substring(1).strip() : "";
      if (text.startsWith("An error report file") || text.startsWith("If you would like")) {
        break;
      }
      if (!text.isEmpty() && told.size() < MOST_LINES) {
        told.add(text);
      }
    }
    return String.join("\n", told) + "\n";
  }
}
