package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Programs that {@link ForkHelperTest} runs, each with a JVM of its own to fork. */
final class ForkProgram {
  private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final int CODES = 100;
  private static final int DAMAGED = 255;
  private static final int SIG_BLOCK = 0;
  private static final long REAL_TIME_SIGNALS = -1L << 33;

  private ForkProgram() {}

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "obstacle" -> tellObstacle();
      case "fork" -> forkOften(Integer.parseInt(arguments[1]));
      case "deaf" -> forkBesideDeafThread();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** Prints what is in the way, and if nothing is, where the helper was loaded from. */
  private static void tellObstacle() throws Exception {
    String obstacle = ForkHelper.obstacle();
    if (obstacle != null) {
      System.out.println(obstacle);
      try {
        System.out.println(ForkHelper.forkAll(false, BOUND_NANOS));
      } catch (UnsupportedOperationException e) {
        System.out.println(e.getMessage());
      }
    }
    for (String mapping : Files.readAllLines(Path.of("/proc/self/maps"))) {
      int name = mapping.indexOf('/');
      if (mapping.contains(" r-xp ") && mapping.contains("multiprocessing-")) {
        System.out.println(mapping.substring(name));
      }
    }
  }

  private static void forkOften(int times) throws Exception {
    for (int i = 0; i < times; i++) {
      int code = i % CODES;
      long pid = ForkHelper.forkAll(false, BOUND_NANOS);
      if (pid == 0) {
        Runtime.getRuntime().halt(isWhole() ? code : DAMAGED);
      }
      int found = exitCode(pid);
      if (found != code) {
        throw new IllegalStateException("fork " + i + " has ended with " + found);
      }
    }
    System.out.println(times + " forks");
  }

  /** Whether this virtual machine collects, and starts threads. */
  private static boolean isWhole() throws InterruptedException {
    System.gc();
    boolean[] ran = new boolean[1];
    Thread thread = new Thread(() -> ran[0] = true);
    thread.start();
    thread.join();
    return ran[0];
  }

  private static int exitCode(long pid) {
    int pidfd = PidFd.open(pid);
    try {
      Descriptors.await(new int[] {pidfd}, -1);
      return PidFd.reap(pidfd);
    } finally {
      Descriptors.close(pidfd);
    }
  }

  /** A thread that takes no signals cannot be stopped: no fork then, and no harm. */
  private static void forkBesideDeafThread() throws Exception {
    CountDownLatch isDeaf = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              blockRealTimeSignals();
              isDeaf.countDown();
              try {
                end.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    thread.start();
    isDeaf.await();
    try {
      System.out.println(ForkHelper.forkAll(false, TimeUnit.MILLISECONDS.toNanos(50)));
    } catch (OsException e) {
      System.out.println(e.errno() + " " + e.getMessage());
    }
    end.countDown();
    thread.join();
    forkOften(1);
  }

  private static void blockRealTimeSignals() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(128, 8);
      set.set(Native.LONG, 0, REAL_TIME_SIGNALS);
      SystemCall.function(
          "pthread_sigmask", SystemCall.find("pthread_sigmask"), SIG_BLOCK, set.address(), 0);
    }
  }
}
