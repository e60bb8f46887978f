package multiprocessing.internal.launch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import multiprocessing.internal.jvm.AotCache;
import multiprocessing.internal.jvm.AotNames;
import multiprocessing.internal.jvm.AotOrders;
import multiprocessing.internal.jvm.JvmCommand;

/**
 * The main class of the process that makes an {@link AotCache}, and that outlives the one whose
 * children need it: most programs are shorter than the making.
 *
 * <p>Unless somebody waits for the cache, it yields to everything else on the machine, and waits
 * until the first child is up. It is alone among all processes of this user, and gives up after
 * five minutes. It starts a child like any other, that runs an {@link AotTraining} and whose
 * virtual machine notes down what it loads, and then another machine that makes the cache of it.
 */
public final class AotMaker {
  /** How long a cache may take to be made. */
  static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(5);

  /** Profiles of so short a run make children compile early what they hardly use. */
  private static final List<String> NO_PROFILES =
      List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTRecordTraining");

  private static final long DELAY_MILLIS = TimeUnit.SECONDS.toMillis(2);
  private static final long KEPT_MILLIS = TimeUnit.DAYS.toMillis(60);
  private static final long DRAFT_MILLIS = TimeUnit.HOURS.toMillis(1);
  private static final int KEPT = 12;
  private static final int MOST_CLASSES = 4000;

  private final AotOrders orders;
  private final long deadline = System.nanoTime() + LIMIT_NANOS;

  private AotMaker(AotOrders orders) {
    this.orders = orders;
  }

  /**
   * The process that makes the cache.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    AotOrders orders = AotOrders.read();
    if (!orders.urgent()) {
      Thread.sleep(DELAY_MILLIS); // it would only compete with what everybody is waiting for
    }
    try {
      new AotMaker(orders).makeAlone();
    } finally {
      if (!orders.listing().isEmpty()) {
        Files.deleteIfExists(Path.of(orders.listing()));
      }
    }
  }

  private void makeAlone() throws IOException, InterruptedException {
    Path lockFile = orders.file().resolveSibling("lock");
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null && isWanted() && !AotCache.isHopeless(orders.bad())) {
        sweep();
        make();
      }
    }
  }

  /** Whether there is none, or none that knows the task. */
  private boolean isWanted() throws IOException {
    return !Files.exists(orders.file())
        || (isOfProgram() && !AotNames.read(AotNames.of(orders.file())).contains(orders.home()));
  }

  private boolean isOfProgram() {
    return !orders.listing().isEmpty();
  }

  private void make() throws IOException, InterruptedException {
    Path draft = draft(".tmp");
    Path notes = draft(".notes.tmp");
    Path options = draft(".options.tmp");
    Path names = draft(".names.tmp");
    try {
      Files.write(options, JvmCommand.toFile(orders.options()));
      if (isOfProgram()) {
        AotNames.write(names, namesOfAll());
      }
      boolean made = note(names, notes) && create(options, notes, draft) && Files.size(draft) > 0;
      if (made) {
        Files.move(draft, orders.file(), StandardCopyOption.ATOMIC_MOVE);
        if (isOfProgram()) {
          Files.move(names, AotNames.of(orders.file()), StandardCopyOption.ATOMIC_MOVE);
        }
      } else {
        AotCache.countFailure(orders.bad());
      }
    } finally {
      for (Path each : List.of(draft, notes, options, names)) {
        Files.deleteIfExists(each);
      }
    }
  }

  /** The classes that this child has used, and those before it, as far as there is room. */
  private Set<String> namesOfAll() throws IOException {
    Set<String> all = new LinkedHashSet<>(Set.of(orders.home()));
    all.addAll(AotNames.logged(Path.of(orders.listing())));
    all.addAll(AotNames.read(AotNames.of(orders.file())));
    return all.stream().limit(MOST_CLASSES).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private Path draft(String suffix) {
    return orders.file().resolveSibling(orders.file().getFileName() + suffix);
  }

  /** Has a child note down what it loads. */
  private boolean note(Path names, Path notes) throws InterruptedException {
    LaunchRequest request = AotTraining.request(isOfProgram() ? names.toString() : "");
    List<String> options = new ArrayList<>(orders.options());
    options.addAll(List.of("-XX:AOTMode=record", "-XX:AOTConfiguration=" + notes));
    options.addAll(NO_PROFILES);
    Child child = new SpawnLauncher().launchTraining(request, options, orders.main());
    if (!child.join(deadline - System.nanoTime())) {
      child.kill();
      child.join();
    }
    return child.exitCode().orElseThrow() == 0;
  }

  private boolean create(Path options, Path notes, Path draft)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(JvmCommand.java(), "@" + options));
    command.add("-XX:AOTMode=create");
    command.add("-XX:AOTConfiguration=" + notes);
    command.add("-XX:AOTCache=" + draft);
    command.addAll(NO_PROFILES);
    command.addAll(orders.main());
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
    try (Stream<Path> files = Files.list(orders.file().resolveSibling("."))) {
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
      Files.deleteIfExists(AotNames.of(each));
    }
  }
}
