package multiprocessing.stress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import multiprocessing.internal.shm.BlockUse;
import multiprocessing.internal.shm.TreeMemory;

/**
 * What this process has at one moment of what may leak.
 *
 * @param processes its descendants that run
 * @param descriptors what its open descriptors link to, by kind, and how many of each
 * @param threads its threads but those of the JDK and of Fory that come and go, by name, and how
 *     many of each
 * @param sharedFiles the files in {@code /dev/shm}
 * @param blocks what of the tree's memory is in use, but for the pages on which each process notes
 *     what it holds
 * @param nativeBytes how much the C library has given out, to the virtual machine as well
 * @param residentKilobytes how much of the machine's memory this process has
 */
record State(
    Set<Long> processes,
    Map<String, Long> descriptors,
    Map<String, Long> threads,
    Set<String> sharedFiles,
    List<BlockUse> blocks,
    long nativeBytes,
    long residentKilobytes) {
  private static final Path SELF = Path.of("/proc/self");

  /** What the virtual machine may have taken meanwhile for its own use, such as compiled code. */
  private static final long NATIVE_SLACK = 32L << 20;

  private static final Pattern OF_OTHERS =
      Pattern.compile("(ForkJoinPool|VirtualThread|Cleaner|process reaper|soak|Attach|fory).*");

  static State now() {
    return new State(
        ProcessHandle.current()
            .descendants()
            .map(ProcessHandle::pid)
            .filter(ProcessJobs::isRunning)
            .collect(Collectors.toCollection(TreeSet::new)),
        counted(list(SELF.resolve("fd")).map(State::target)),
        counted(
            Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> !OF_OTHERS.matcher(name).matches())),
        list(Path.of("/dev/shm")).map(Path::toString).collect(Collectors.toSet()),
        TreeMemory.get().uses().stream().filter(use -> !use.isPage()).toList(),
        NativeMemory.inUse(),
        resident());
  }

  private static Map<String, Long> counted(Stream<String> names) {
    return names
        .filter(name -> !name.isEmpty() && !name.startsWith("/proc/"))
        .map(name -> name.replaceAll("\\d+", "#"))
        .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
  }

  private static Stream<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList().stream();
    } catch (IOException | UncheckedIOException e) {
      return Stream.empty();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }

  private static long resident() {
    try {
      for (String line : Files.readAllLines(SELF.resolve("status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException e) {
      // then it is not told
    }
    return 0;
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** What is here and was not there before, a sentence each. */
  List<String> beyond(State before) {
    Stream<String> files =
        sharedFiles.stream()
            .filter(file -> !before.sharedFiles.contains(file) && !isMappedByOthers(file))
            .map(file -> "left behind: " + file);
    Stream<String> processes = this.processes.stream().map(pid -> "left behind: process " + pid);
    Set<String> known = before.blocks.stream().map(BlockUse::name).collect(Collectors.toSet());
    Stream<String> memory =
        blocks.stream()
            .filter(block -> !known.contains(block.name()))
            .map(block -> "left behind: " + block);
    return Stream.of(
            processes,
            more("descriptors", descriptors, before.descriptors),
            more("threads", threads, before.threads),
            files,
            memory,
            nativeMemory(before))
        .flatMap(each -> each)
        .toList();
  }

  private Stream<String> nativeMemory(State before) {
    long more = nativeBytes - before.nativeBytes;
    return more > NATIVE_SLACK
        ? Stream.of("left behind: " + (more >> 20) + " MB of native memory")
        : Stream.empty();
  }

  /** Whether it belongs to another program, which has it mapped. */
  private static boolean isMappedByOthers(String file) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .anyMatch(
            process -> {
              try {
                return Files.readString(Path.of("/proc/" + process.pid() + "/maps")).contains(file);
              } catch (IOException e) {
                return false; // not ours to read, or gone
              }
            });
  }

  private static Stream<String> more(String what, Map<String, Long> now, Map<String, Long> before) {
    return now.entrySet().stream()
        .filter(each -> each.getValue() > before.getOrDefault(each.getKey(), 0L))
        .map(
            each ->
                "left behind: "
                    + (each.getValue() - before.getOrDefault(each.getKey(), 0L))
                    + " more of the "
                    + what
                    + " "
                    + each.getKey());
  }

  @Override
  public String toString() {
    return "processes %d, descriptors %d, threads %d, shared %d KB, native %d MB, resident %d MB"
        .formatted(
            processes.size(),
            sum(descriptors),
            sum(threads),
            blocks.stream().mapToLong(BlockUse::bytes).sum() >> 10,
            nativeBytes >> 20,
            residentKilobytes >> 10);
  }
}
