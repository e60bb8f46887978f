package multiprocessing.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import multiprocessing.internal.launch.ForkServer;

/** What the kernel tells of a process, in {@code /proc}. What is gone has nothing. */
record OtherProcess(long pid) {
  private static final Path PROC = Path.of("/proc");

  // Places in the line of a process, counted from its state on, see proc(5).
  private static final int SESSION_FIELD = 3;
  private static final int USER_TIME_FIELD = 11;
  private static final int SYSTEM_TIME_FIELD = 12;

  static OtherProcess self() {
    return new OtherProcess(ProcessHandle.current().pid());
  }

  /** The zygote of this process's fork server; 0 if there is none just now. */
  static OtherProcess zygote() {
    ForkServer server = ForkServer.get();
    synchronized (server) {
      List<Long> pids = server.pids();
      // A spare has one descriptor here, a zygote two; and it is the first.
      boolean hasZygote = server.descriptors().size() > pids.size();
      return new OtherProcess(hasZygote ? pids.getFirst() : 0);
    }
  }

  /** The processes of a session that run. */
  static List<Long> ofSession(long session) {
    return list(PROC).stream()
        .map(each -> each.getFileName().toString())
        .filter(name -> name.matches("\\d+"))
        .map(Long::valueOf)
        .filter(pid -> Root.runs(pid) && new OtherProcess(pid).session() == session)
        .toList();
  }

  private long session() {
    return Long.parseLong(statFields(folder())[SESSION_FIELD]);
  }

  /** The line of the kernel from the state on; zeros for a process that is gone. */
  private static String[] statFields(Path folder) {
    String stat = read(folder.resolve("stat"));
    return (stat.isEmpty() ? "X" + " 0".repeat(50) : stat.substring(stat.lastIndexOf(')') + 2))
        .split(" ", -1);
  }

  private Path folder() {
    return PROC.resolve("" + pid);
  }

  /** Whether all of its threads have ended, and so have given back what they held. */
  boolean isOver() {
    return !Root.runs(pid) && threads() <= 1;
  }

  int threads() {
    return list(folder().resolve("task")).size();
  }

  /** Its threads by name, but for those that the JDK starts and ends as it needs them. */
  List<String> lastingThreads() {
    return list(folder().resolve("task")).stream()
        .map(task -> read(task.resolve("comm")).strip())
        .filter(name -> !name.matches("(C1|C2) Compiler.*|(GC|G1) .*|ForkJoinPool.*|Attach .*|"))
        .sorted()
        .toList();
  }

  /** What it has used of processors, in clock ticks. */
  long processorTicks() {
    String[] fields = statFields(folder());
    return Long.parseLong(fields[USER_TIME_FIELD]) + Long.parseLong(fields[SYSTEM_TIME_FIELD]);
  }

  /** What each of its open descriptors links to. */
  List<String> descriptors() {
    return list(folder().resolve("fd")).stream()
        .map(OtherProcess::target)
        .filter(target -> !target.isEmpty())
        .sorted()
        .toList();
  }

  /** Its sockets, each as {@code socket:[inode]}. */
  Set<String> sockets() {
    Set<String> sockets = new TreeSet<>(descriptors());
    sockets.removeIf(target -> !target.startsWith("socket:"));
    return sockets;
  }

  String commandLine() {
    return read(folder().resolve("cmdline")).replace('\0', ' ').strip();
  }

  /** The memory of its own that is in RAM, without what it has mapped of files. */
  long residentBytes() {
    return read(folder().resolve("status"))
        .lines()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElse(0);
  }

  /** What each thread has used of processors, and what it waits for, a line each. */
  String threadStates() {
    StringBuilder text = new StringBuilder();
    for (Path task : list(folder().resolve("task"))) {
      String[] fields = statFields(task);
      text.append("  ").append(task.getFileName()).append(' ').append(fields[0]).append(' ');
      text.append(fields[USER_TIME_FIELD]).append('+').append(fields[SYSTEM_TIME_FIELD]);
      for (String file : List.of("comm", "wchan", "syscall")) {
        text.append(' ').append(read(task.resolve(file)).strip());
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    } catch (IOException | java.io.UncheckedIOException e) {
      return List.of(); // gone
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // gone
    }
  }
}
