package multiprocessing.internal.os;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What the kernel says of a process in {@code /proc/<pid>/stat}.
 *
 * @param state the letter of its state; {@code Z} and {@code X} are dead
 * @param parent the pid of its parent
 * @param startTime when it was started, in clock ticks since boot: with the pid, its identity
 */
public record ProcessStat(char state, int parent, long startTime) {
  private static final int START_TIME_FIELD = 22;
  private static final int STATE_FIELD = 3;
  private static final int MOST_BYTES = 2048;

  /** Stands for a start time that could not be read. */
  public static final long UNKNOWN_TIME = -1;

  private static final int SELF = 0;
  private static final ProcessStat UNKNOWN = new ProcessStat('?', 0, UNKNOWN_TIME);
  private static final ProcessStat NONE = new ProcessStat('X', 0, -1);

  /** Reads the line of a process; a process that does not exist is dead. */
  public static ProcessStat of(int pid) {
    return read(pid, "/proc/" + pid + "/stat");
  }

  /** Reads the line of the calling process. */
  public static ProcessStat self() {
    return read(SELF, "/proc/self/stat");
  }

  private static ProcessStat read(int pid, String file) {
    String line;
    // The plainest way to read a file: each child that was forked does so on its way up.
    try (FileInputStream in = new FileInputStream(file)) {
      byte[] bytes = new byte[MOST_BYTES];
      int length = in.read(bytes);
      line = new String(bytes, 0, Math.max(0, length), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      // It is gone, before this or meanwhile; but it may be that no file can be opened here.
      return pid == SELF || ProcessControl.signal(pid, 0) ? UNKNOWN : NONE;
    }
    // The name of the program stands in parentheses and may itself hold spaces and parentheses.
    int at = line.lastIndexOf(')') + 2;
    char state = line.charAt(at);
    int parentAt = line.indexOf(' ', at) + 1;
    int parent = Integer.parseInt(line, parentAt, line.indexOf(' ', parentAt), 10);
    for (int field = STATE_FIELD; field < START_TIME_FIELD; field++) {
      at = line.indexOf(' ', at) + 1;
    }
    return new ProcessStat(state, parent, Long.parseLong(line, at, line.indexOf(' ', at), 10));
  }

  /** Whether the process still runs code (a zombie does not). */
  public boolean isAlive() {
    return state != 'Z' && state != 'X' && state != 'x';
  }
}
