package multiprocessing.testing;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toMap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import multiprocessing.internal.launch.ForkServer;

/**
 * What this process has of the machine at one moment.
 *
 * @param children its child processes, those that ended but were not waited for included
 * @param sharedMemory the files in {@code /dev/shm}
 * @param descriptors its open descriptors, and what each links to
 */
record Footprint(
    Set<ProcessHandle> children, Set<Path> sharedMemory, Map<Integer, String> descriptors) {
  private static final Path PROC = Path.of("/proc");
  private static final Path DESCRIPTORS = PROC.resolve("self/fd");
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  /** Where the library notes who owns which block: as long as there is one, in any program. */
  private static final String RECORDS = ".multiprocessing-";

  /** Takes stock of everything except descriptors that link to one of the {@code kept}. */
  static Footprint take(List<Pattern> kept) {
    Map<Integer, String> descriptors =
        list(DESCRIPTORS).stream()
            .collect(
                toMap(
                    each -> Integer.valueOf(each.getFileName().toString()),
                    Footprint::target,
                    (one, other) -> one,
                    TreeMap::new));
    descriptors
        .values()
        .removeIf(
            target ->
                target.isEmpty() || kept.stream().anyMatch(each -> each.matcher(target).matches()));
    ForkServer forkServer = ForkServer.get(); // what it keeps ready is no leak
    List<Long> keptReady = forkServer.pids();
    descriptors.keySet().removeAll(forkServer.descriptors());
    return new Footprint(
        ProcessHandle.current()
            .children()
            .filter(child -> !keptReady.contains(child.pid()))
            .collect(toCollection(TreeSet::new)),
        list(SHARED_MEMORY).stream()
            .filter(file -> !file.getFileName().toString().startsWith(RECORDS))
            .collect(toCollection(TreeSet::new)),
        descriptors);
  }

  /** What is here and was not there before, a line each. */
  List<String> beyond(Footprint before) {
    List<String> found = new ArrayList<>();
    newChildren(before).forEach(child -> found.add("process " + describe(child)));
    sharedMemory.stream()
        .filter(file -> !before.sharedMemory.contains(file) && !isForeign(file))
        .forEach(file -> found.add("shared memory " + file));
    found.addAll(newDescriptors(before));
    return found;
  }

  private Stream<ProcessHandle> newChildren(Footprint before) {
    return children.stream().filter(child -> !before.children.contains(child));
  }

  void killNewChildren() {
    take(List.of()).newChildren(this).forEach(ProcessHandle::destroyForcibly);
  }

  /** Counts by kind, for a resource that was closed and opened again has another number. */
  private List<String> newDescriptors(Footprint before) {
    Map<String, List<Integer>> old = before.byKind();
    List<String> found = new ArrayList<>();
    byKind()
        .forEach(
            (kind, numbers) -> {
              int growth = numbers.size() - old.getOrDefault(kind, List.of()).size();
              if (growth > 0) {
                found.add(growth + " more of the descriptors " + describe(numbers));
              }
            });
    return found;
  }

  private Map<String, List<Integer>> byKind() {
    return descriptors.keySet().stream()
        .collect(
            groupingBy(
                number -> descriptors.getOrDefault(number, "").replaceAll("\\d+", "#"),
                TreeMap::new,
                toCollection(ArrayList::new)));
  }

  private String describe(List<Integer> numbers) {
    return numbers.stream()
        .map(number -> number + " -> " + descriptors.get(number))
        .toList()
        .toString();
  }

  private static String describe(ProcessHandle process) {
    String stat = read(PROC.resolve(process.pid() + "/stat"));
    String command = read(PROC.resolve(process.pid() + "/cmdline")).replace('\0', ' ').strip();
    // "pid (name) state …": the name may hold anything, a bracket as well.
    String state =
        stat.isEmpty() ? "gone" : stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
    return process.pid() + " (state " + state + "): " + command;
  }

  /** Whether a process that is not of this tree has the file open: other builds run as well. */
  private static boolean isForeign(Path file) {
    Set<Long> own =
        Stream.concat(Stream.of(ProcessHandle.current()), ProcessHandle.current().descendants())
            .map(ProcessHandle::pid)
            .collect(toCollection(TreeSet::new));
    return list(PROC).stream()
        .filter(each -> each.getFileName().toString().matches("\\d+"))
        .filter(each -> !own.contains(Long.valueOf(each.getFileName().toString())))
        .anyMatch(
            each ->
                read(each.resolve("maps")).contains(file.toString())
                    || list(each.resolve("fd")).stream()
                        .anyMatch(fd -> target(fd).equals(file.toString())));
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of(); // not ours to read, or gone
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
      return Files.readString(file);
    } catch (IOException e) {
      return ""; // not ours to read, or gone
    }
  }
}
