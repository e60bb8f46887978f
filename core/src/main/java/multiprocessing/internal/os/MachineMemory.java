package multiprocessing.internal.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory this process may use: that of the machine, or less where its cgroup says so. */
public final class MachineMemory {
  private MachineMemory() {}

  /** The bound in bytes. */
  public static long bytes() {
    long machine = meminfoTotal();
    return Math.min(machine, cgroupLimit(machine));
  }

  private static long meminfoTotal() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith("MemTotal:")) {
          String kibibytes = line.substring(9, line.length() - 2).strip();
          return Long.parseLong(kibibytes) * 1024;
        }
      }
      throw new IllegalStateException("/proc/meminfo has no line MemTotal");
    } catch (IOException e) {
      throw new IllegalStateException("/proc is not mounted, and the library needs it", e);
    }
  }

  private static long cgroupLimit(long otherwise) {
    for (String file :
        new String[] {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
      try {
        String text = Files.readString(Path.of(file)).strip();
        if (!text.equals("max")) {
          return Long.parseLong(text);
        }
      } catch (IOException | NumberFormatException e) {
        // No such controller, or one of a form that is not known: no bound from it.
      }
    }
    return otherwise;
  }
}
