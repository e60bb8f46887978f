package multiprocessing.process;

import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that starts children in a row, under load, each with a {@link Chore}. It ends with an
 * exit code other than 0 as soon as one of them hangs or fails, and if it itself or the zygote has
 * grown meanwhile.
 */
final class StartStress {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LONG_PATIENCE = PATIENCE.multipliedBy(5);
  private static final int REPORT_EVERY = 100;
  private static final int MOST_CODES = 100;
  private static final List<Chore> CHORES = List.of(Chore.values());

  /**
   * Beside the Java heap, whose size is fixed here: code, and what the C library has not reused.
   */
  private static final long MOST_GROWTH_BYTES = 32 << 20;

  private static final long MOST_HEAP_GROWTH_BYTES = 2 << 20;

  private final Path folder;
  private final StartMethod method;

  private StartStress(Path folder, StartMethod method) {
    this.folder = folder;
    this.method = method;
  }

  /**
   * Runs it.
   *
   * @param arguments a folder for files, the start method, and how many children to start
   */
  public static void main(String[] arguments) throws Exception {
    for (int i = 0; i < 2; i++) {
      Thread.ofPlatform().daemon().start(StartStress::load);
    }
    StartMethod method = StartMethod.valueOf(arguments[1]);
    new StartStress(Path.of(arguments[0]), method).run(Integer.parseInt(arguments[2]));
  }

  /** Keeps a processor busy, and the collector a little. */
  private static void load() {
    byte[][] last = new byte[1_000][];
    for (int i = 0; ; i = (i + 1) % last.length) {
      last[i] = new byte[1_000];
      for (int spins = 0; spins < 10_000; spins++) {
        Thread.onSpinWait();
      }
    }
  }

  /** What must not grow. */
  private record Size(
      OtherProcess process,
      List<String> threads,
      List<String> descriptors,
      long bytes,
      long heapBytes) {
    static Size of(OtherProcess process, long heapBytes) {
      return new Size(
          process,
          process.lastingThreads(),
          process.descriptors(),
          process.residentBytes(),
          heapBytes);
    }

    void requireNoGrowth(Size before) {
      require(process.equals(before.process), "another process");
      require(threads.size() <= before.threads.size(), before.threads + " became " + threads);
      require(
          descriptors.size() <= before.descriptors.size(),
          before.descriptors + " became " + descriptors);
      require(heapBytes - before.heapBytes < MOST_HEAP_GROWTH_BYTES, "heap");
      require(bytes - before.bytes < MOST_GROWTH_BYTES, "memory");
    }

    @Override
    public String toString() {
      return "%d threads, %d descriptors, %d KB, heap %d KB"
          .formatted(threads.size(), descriptors.size(), bytes >> 10, heapBytes >> 10);
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalStateException("growth: " + what);
    }
  }

  private void run(int starts) throws Exception {
    long begin = System.nanoTime();
    List<Size> sizes = new ArrayList<>();
    List<Size> zygotes = new ArrayList<>();
    for (int number = 1; number <= starts; number++) {
      start(number);
      if (number % REPORT_EVERY == 0 || number == starts) {
        sizes.add(Size.of(OtherProcess.self(), usedHeap()));
        zygotes.add(Size.of(OtherProcess.zygote(), 0));
        System.out.printf(
            "%s: %5d starts in %d s; parent: %s; zygote: %s%n",
            method,
            number,
            (System.nanoTime() - begin) / 1_000_000_000,
            sizes.getLast(),
            zygotes.getLast());
      }
    }
    sizes.getLast().requireNoGrowth(sizes.getFirst());
    zygotes.getLast().requireNoGrowth(zygotes.getFirst());
  }

  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) { // other threads may have filled it again meanwhile
      System.gc();
      Runtime heap = Runtime.getRuntime();
      least = Math.min(least, heap.totalMemory() - heap.freeMemory());
    }
    return least;
  }

  /** What a child is to do, by its number: all kinds of it take turns. */
  private record Task(int number) {
    Chore chore() {
      return CHORES.get(number % CHORES.size());
    }

    int exitCode() {
      return number % 3 == 1 ? number % MOST_CODES : 0;
    }

    boolean redirects() {
      return number % 2 == 0;
    }

    String result() {
      return number + " " + chore();
    }
  }

  private void start(int number) throws Exception {
    Task task = new Task(number);
    String result = folder.resolve("result").toString();
    ChildProcess.Builder builder =
        ChildProcess.builder().startMethod(method).target(() -> runInChild(number, result));
    File out = folder.resolve("out").toFile();
    File err = folder.resolve("err").toFile();
    if (task.redirects()) {
      builder.options(
          ProcessOptions.builder().stdout(Redirect.to(out)).stderr(Redirect.to(err)).build());
    }
    ChildProcess child = builder.start();
    if (!child.join(PATIENCE)) {
      tellStates(child, task);
      if (!child.join(LONG_PATIENCE)) { // else the machine is busy with other things
        child.kill();
        child.join();
      }
    }
    check(task.exitCode(), child.exitCode().orElseThrow(), task);
    check(task.result(), Files.readString(Path.of(result)), task);
    if (task.redirects()) {
      check(task.result(), Files.readString(out.toPath()), task);
      check("", Files.readString(err.toPath()), task);
    }
    Files.delete(Path.of(result));
    child.close();
  }

  private static void runInChild(int number, String result) throws Exception {
    Task task = new Task(number);
    task.chore().run(number);
    if (task.redirects()) {
      System.out.print(task.result());
    }
    Files.writeString(Path.of(result), task.result());
    if (task.exitCode() != 0) {
      System.exit(task.exitCode());
    }
  }

  private void check(Object expected, Object found, Task task) throws Exception {
    if (!expected.equals(found)) {
      Path err = folder.resolve("err");
      throw new IllegalStateException(
          "child %s: %s instead of %s; standard error of the last one that was redirected: %s"
              .formatted(
                  task.result(), found, expected, Files.exists(err) ? Files.readString(err) : ""));
    }
  }

  private static void tellStates(ChildProcess child, Task task) {
    System.out.println("child " + task.result() + " has not ended in time: " + child);
    OtherProcess running = new OtherProcess(child.pid().orElse(0));
    for (OtherProcess process : List.of(running, OtherProcess.zygote(), OtherProcess.self())) {
      if (process.pid() != 0) {
        System.out.println("process " + process.pid() + " " + process.commandLine());
        System.out.print(process.threadStates());
      }
    }
  }
}
