package multiprocessing.internal.launch;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.PidFd;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.os.Spawner;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.wire.Reader;
import multiprocessing.internal.wire.Writer;

/**
 * Makes an {@link AotCache} in the background, in a process of its own that outlives this one: most
 * programs are shorter than the making.
 *
 * <p>That process yields to everything else on the machine, waits until the first child is up, is
 * alone among all processes of this user, and gives up after a minute. It runs {@link AotTraining},
 * whose virtual machine notes down what it loads, and then another one that makes the cache of it.
 */
public final class AotMaker {
  private static final int NICE = 19;
  private static final long DELAY_MILLIS = TimeUnit.SECONDS.toMillis(2);
  private static final long REAP_MILLIS = 100;
  private static final long KEPT_MILLIS = TimeUnit.DAYS.toMillis(60);
  private static final long DRAFT_MILLIS = TimeUnit.HOURS.toMillis(1);
  private static final int KEPT = 12;
  private static final Spawner.Output NOWHERE = new Spawner.Output("/dev/null", false);

  /** Where the process finds its {@link Orders}. */
  private static final String ORDERS = "/proc/self/fd/3";

  /**
   * What to make.
   *
   * @param file the cache
   * @param bad where failures are counted
   * @param listing where a child notes down the classes that it uses; empty if none does
   * @param options those of a child, and its path
   * @param main the main class of the training, and its argument
   */
  record Orders(Path file, Path bad, String listing, List<String> options, List<String> main) {
    private byte[] toBytes() {
      Writer writer = new Writer().text(file.toString()).text(bad.toString()).text(listing);
      for (List<String> words : List.of(options, main)) {
        writer.number(words.size());
        words.forEach(writer::text);
      }
      return writer.toBytes();
    }

    private static Orders read(byte[] bytes) {
      Reader reader = new Reader(bytes);
      Path file = Path.of(reader.text());
      Path bad = Path.of(reader.text());
      return new Orders(file, bad, reader.text(), words(reader), words(reader));
    }

    private static List<String> words(Reader reader) {
      List<String> words = new ArrayList<>();
      for (long left = reader.number(); left > 0; left--) {
        words.add(reader.text());
      }
      return words;
    }
  }

  private final Orders orders;
  private final long deadline = System.nanoTime() + AotTraining.LIMIT_NANOS;

  private AotMaker(Orders orders) {
    this.orders = orders;
  }

  /** Has the cache made, and does not wait for it. */
  static void start(Orders orders) {
    Thread thread =
        new Thread(
            () -> {
              try {
                reap(spawn(orders));
              } catch (RuntimeException e) {
                Log.debug("no AOT cache is made: " + e);
              } catch (InterruptedException e) {
                // the maker goes on alone
              }
            },
            "multiprocessing-aot");
    thread.setDaemon(true);
    thread.start();
  }

  private static long spawn(Orders orders) {
    List<String> command = new ArrayList<>();
    command.add(JvmCommand.java());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.add("--class-path");
    command.add(String.join(":", JvmCommand.libraryPath()));
    command.add(AotMaker.class.getName());
    List<byte[]> environment = new ArrayList<>();
    for (Map.Entry<String, String> each : System.getenv().entrySet()) {
      if (!LauncherArguments.isVariable(each.getKey())) {
        String entry = each.getKey() + "=" + each.getValue();
        environment.add(entry.getBytes(StandardCharsets.UTF_8));
      }
    }
    int told = Descriptors.memoryFile("multiprocessing-aot", orders.toBytes());
    try {
      Spawner spawner =
          new Spawner(command.getFirst(), command, environment)
              .give(told)
              .directory("/")
              .stdout(NOWHERE)
              .stderr(NOWHERE);
      long pid = spawner.spawn();
      ProcessControl.setGroupNice(pid, NICE);
      return pid;
    } finally {
      Descriptors.close(told);
    }
  }

  /** By looking now and then: a thread that waits in the kernel would hold up the exit. */
  private static void reap(long pid) throws InterruptedException {
    int pidfd = PidFd.open(pid);
    try {
      while (PidFd.reap(pidfd) == PidFd.RUNNING) {
        Thread.sleep(REAP_MILLIS);
      }
    } finally {
      Descriptors.close(pidfd);
    }
  }

  /**
   * The process that makes the cache.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Orders orders;
    try (FileInputStream file = new FileInputStream(ORDERS)) {
      orders = Orders.read(file.readAllBytes());
    }
    Thread.sleep(DELAY_MILLIS); // it would only compete with what everybody is waiting for
    try {
      new AotMaker(orders).makeAlone();
    } finally {
      if (!orders.listing.isEmpty()) {
        Files.deleteIfExists(Path.of(orders.listing));
      }
    }
  }

  private void makeAlone() throws IOException, InterruptedException {
    Path lockFile = orders.file.resolveSibling("lock");
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null && !Files.exists(orders.file) && !AotCache.isHopeless(orders.bad)) {
        sweep();
        make();
      }
    }
  }

  private void make() throws IOException, InterruptedException {
    Path draft = draft(".tmp");
    Path notes = draft(".notes.tmp");
    Path options = draft(".options.tmp");
    try {
      Files.write(options, JvmCommand.toFile(orders.options));
      String configuration = "-XX:AOTConfiguration=" + notes;
      boolean made =
          run(options, List.of("-XX:AOTMode=record", configuration))
              && run(options, List.of("-XX:AOTMode=create", configuration, "-XX:AOTCache=" + draft))
              && Files.size(draft) > 0;
      if (made) {
        Files.move(draft, orders.file, StandardCopyOption.ATOMIC_MOVE);
      } else {
        AotCache.countFailure(orders.bad);
      }
    } finally {
      for (Path each : List.of(draft, notes, options)) {
        Files.deleteIfExists(each);
      }
    }
  }

  private Path draft(String suffix) {
    return orders.file.resolveSibling(orders.file.getFileName() + suffix);
  }

  private boolean run(Path options, List<String> more) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(JvmCommand.java(), "@" + options));
    command.addAll(more);
    // Profiles of so short a run make children compile early what they hardly use.
    command.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTRecordTraining"));
    command.addAll(orders.main);
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      process.destroyForcibly().waitFor();
    }
    return process.exitValue() == 0;
  }

  /** Removes what killed makers left, caches of builds that are long gone, and the oldest ones. */
  private void sweep() throws IOException {
    List<Path> caches = new ArrayList<>();
    List<Path> doomed = new ArrayList<>();
    long now = System.currentTimeMillis();
    try (Stream<Path> files = Files.list(orders.file.resolveSibling("."))) {
      for (Path each : files.toList()) {
        String name = each.toString();
        long age = now - each.toFile().lastModified();
        if (name.endsWith(".tmp") || (name.endsWith(".classes") && age > DRAFT_MILLIS)) {
          doomed.add(each);
        } else if (!name.endsWith("lock") && age > KEPT_MILLIS) {
          doomed.add(each);
        } else if (name.endsWith(".aot")) {
          caches.add(each);
        }
      }
    }
    caches.sort(Comparator.comparingLong((Path cache) -> cache.toFile().lastModified()).reversed());
    doomed.addAll(caches.subList(Math.min(KEPT - 1, caches.size()), caches.size()));
    for (Path each : doomed) {
      Files.deleteIfExists(each);
    }
  }
}
