package multiprocessing.stress;

import static multiprocessing.stress.Job.require;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;

/** Lives and deaths of processes. */
final class ProcessJobs {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int GONE_SECONDS = 30;

  private ProcessJobs() {}

  static ChildProcess start(StartMethod method, SerializableRunnable task) {
    return ChildProcess.builder().startMethod(method).target(task).start();
  }

  /** Waits for the end of a child; gives its exit code. */
  static int end(ChildProcess child) throws InterruptedException {
    if (!child.join(LONG)) {
      child.kill();
      throw new IllegalStateException("did not end in " + LONG + ": " + child);
    }
    int code = child.exitCode().orElseThrow();
    child.close();
    return code;
  }

  /** Several children that end with a number of their own. */
  static void exit(StartMethod method, Random random) throws InterruptedException {
    List<ChildProcess> children = new ArrayList<>();
    List<Integer> codes = new ArrayList<>();
    for (int left = 1 + random.nextInt(3); left > 0; left--) {
      int code = random.nextInt(256);
      codes.add(code);
      children.add(start(method, () -> System.exit(code)));
    }
    for (int i = 0; i < children.size(); i++) {
      int code = end(children.get(i));
      require(code == codes.get(i), "exit code", code, "instead of", codes.get(i));
    }
  }

  /** A child that is ended at any moment of its life. */
  static void kill(StartMethod method, Random random) throws InterruptedException {
    ChildProcess child = start(method, () -> TimeUnit.HOURS.sleep(1));
    TimeUnit.MICROSECONDS.sleep(random.nextInt(random.nextBoolean() ? 2_000 : 200_000));
    int signal =
        switch (random.nextInt(3)) {
          case 0 -> {
            child.interrupt();
            yield 2;
          }
          case 1 -> {
            child.terminate();
            yield 15;
          }
          default -> {
            child.kill();
            yield 9;
          }
        };
    int code = end(child);
    require(code == -signal, "exit code", code, "after signal", signal);
  }

  /** A child that is killed takes its own child along. */
  static void tree(StartMethod method, Random random) throws InterruptedException {
    ProcessQueue<Long> pids = new ProcessQueue<>();
    ChildProcess child =
        start(
            method,
            () -> {
              ChildProcess below = start(method, () -> TimeUnit.HOURS.sleep(1));
              pids.put(below.pid().orElseThrow());
              below.join();
            });
    Long grandchild = null;
    for (int seconds = 0; grandchild == null; seconds++) {
      require(child.isAlive() && seconds < 60, "no grandchild in", seconds, "s:", child);
      grandchild = pids.poll(1, TimeUnit.SECONDS);
    }
    TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
    child.kill();
    end(child);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(GONE_SECONDS);
    while (isRunning(grandchild)) {
      require(System.nanoTime() < deadline, "the grandchild of a killed child runs:", grandchild);
      TimeUnit.MILLISECONDS.sleep(2);
    }
    pids.close();
  }

  /** Whether there is such a process that is no zombie. */
  static boolean isRunning(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0;
    } catch (IOException e) {
      return false;
    }
  }
}
