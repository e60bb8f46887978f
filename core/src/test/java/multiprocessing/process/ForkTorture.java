package multiprocessing.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.StartException;
import org.jspecify.annotations.Nullable;

/**
 * A program that forks itself again and again while it is busy with every {@link Nuisance}. Each
 * child does some of the {@link Chore}s, in turn. It ends with an exit code other than 0 if a child
 * hangs or fails, if more forks are refused than may be, and if what this process does itself has
 * come to harm.
 */
final class ForkTorture {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long CHILD_SECONDS = 100;
  private static final int HUNG = 99;

  private ForkTorture() {}

  /**
   * Runs it.
   *
   * @param arguments a folder for files, how many forks to make, how many of them may be refused,
   *     how many chores each child has, and the nuisances; all if none is named
   */
  public static void main(String[] arguments) throws Exception {
    List<Nuisance> nuisances =
        arguments.length == 4
            ? List.of(Nuisance.values())
            : Arrays.stream(arguments).skip(4).map(Nuisance::valueOf).toList();
    for (Nuisance each : nuisances) {
      each.begin();
    }
    int forks = Integer.parseInt(arguments[1]);
    int chores = Integer.parseInt(arguments[3]);
    Path result = Path.of(arguments[0], "result");
    List<Long> micros = new ArrayList<>();
    int refused = 0;
    for (int number = 0; number < forks; number++) {
      Map<Nuisance, Long> before = rounds(nuisances);
      long begin = System.nanoTime();
      ChildProcess child = fork(number, chores, result);
      micros.add((System.nanoTime() - begin) / 1_000);
      if (child == null) {
        refused++;
      } else {
        await(child, number, result);
      }
      awaitProgress(before);
      if (number % 50 == 49) {
        System.out.println((number + 1) + " forks, " + refused + " refused");
      }
    }
    Nuisance.end();
    micros.sort(null);
    System.out.printf(
        "%d forks, %d refused; start: median %d us, longest %d us; done meanwhile: %s%n",
        forks, refused, micros.get(forks / 2), micros.getLast(), rounds(nuisances));
    System.exit(refused > Integer.parseInt(arguments[2]) ? 1 : 0);
  }

  private static @Nullable ChildProcess fork(int number, int chores, Path result) {
    try {
      return ChildProcess.builder()
          .startMethod(StartMethod.FORK)
          .target(() -> runInChild(number, chores, result))
          .start();
    } catch (StartException e) {
      System.out.println("fork " + number + ": " + e.getMessage());
      return null;
    }
  }

  private static void runInChild(int number, int count, Path result) throws Exception {
    Thread main = Thread.currentThread();
    String[] chore = {""};
    Thread watchdog =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  try {
                    TimeUnit.SECONDS.sleep(CHILD_SECONDS);
                  } catch (InterruptedException e) {
                    return;
                  }
                  tell(number, chore[0], main);
                });
    Chore[] chores = Chore.values();
    for (int i = 0; i < count; i++) {
      Chore next = chores[(i + number * count) % chores.length];
      chore[0] = next.name();
      next.run(number);
    }
    System.out.print("");
    System.out.flush();
    watchdog.interrupt();
    Files.writeString(result, "" + number);
  }

  private static void tell(int number, String chore, Thread main) {
    StringBuilder text = new StringBuilder("child " + number + " hangs in " + chore + "\n");
    Thread.getAllStackTraces()
        .forEach(
            (thread, stack) -> {
              text.append(thread == main ? "MAIN " : "").append(thread).append('\n');
              for (StackTraceElement frame : stack) {
                text.append("    ").append(frame).append('\n');
              }
            });
    System.err.println(text);
    Runtime.getRuntime().halt(HUNG);
  }

  private static void await(ChildProcess child, int number, Path result) throws Exception {
    if (!child.join(PATIENCE)) {
      long pid = child.pid().orElseThrow();
      System.out.println("child " + number + ", process " + pid + ", hangs");
      System.out.print(new OtherProcess(pid).threadStates());
      if (Boolean.getBoolean("torture.leave")) {
        TimeUnit.HOURS.sleep(1);
      }
      Runtime.getRuntime().halt(2);
    }
    if (child.exitCode().orElseThrow() != 0 || !Files.readString(result).equals("" + number)) {
      System.out.println("child " + number + " failed with " + child.exitCode());
      Runtime.getRuntime().halt(3);
    }
    Files.delete(result);
    child.close();
  }

  private static Map<Nuisance, Long> rounds(List<Nuisance> nuisances) {
    Map<Nuisance, Long> all = new EnumMap<>(Nuisance.class);
    nuisances.forEach(each -> all.put(each, each.rounds.get()));
    return all;
  }

  /** Each of them goes on, and has lost nothing. */
  private static void awaitProgress(Map<Nuisance, Long> before) throws InterruptedException {
    for (var entry : before.entrySet()) {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (entry.getKey().rounds.get() <= entry.getValue() + 2) {
        Throwable failure = entry.getKey().failure;
        if (failure != null || System.nanoTime() - end > 0) {
          System.out.println(entry.getKey() + " of the parent has come to harm: " + failure);
          ForkTorture.tell(0, entry.getKey().name(), Thread.currentThread());
        }
        TimeUnit.MILLISECONDS.sleep(1);
      }
    }
  }
}
