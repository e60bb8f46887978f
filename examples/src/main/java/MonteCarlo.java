import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import multiprocessing.Multiprocessing;
import multiprocessing.memory.SharedArray;
import multiprocessing.memory.SharedValue;
import multiprocessing.process.ChildProcess;
import org.jspecify.annotations.NullMarked;

/**
 * monte-carlo: pi by throwing darts, counted by all processors in a shared array.
 *
 * <p>{@code MonteCarlo [DARTS]}. Each process counts in its own cell of a shared array, so none
 * waits for another; the main process reads along while they count. Each has its own stream of
 * random numbers, split off one seed, so the result is the same on every run with as many
 * processes.
 */
@NullMarked
public final class MonteCarlo {
  private static final int BATCH = 100_000;

  private MonteCarlo() {}

  public static void main(String[] args) throws InterruptedException {
    long darts = args.length > 0 ? Long.parseLong(args[0]) : 200_000_000;
    int processes = Multiprocessing.cpuCount();
    long each = darts / processes;

    SharedArray.OfLong thrown = SharedArray.ofLongs(processes);
    SharedArray.OfLong hits = SharedArray.ofLongs(processes);
    SharedValue.OfInt running = SharedValue.ofInt(processes);
    SplittableRandom seeds = new SplittableRandom(42);
    List<ChildProcess> children = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      int number = i;
      long seed = seeds.nextLong();
      children.add(
          Multiprocessing.process(
              () -> {
                throwDarts(new SplittableRandom(seed), each, number, thrown, hits);
                running.getAndAdd(-1);
              }));
      children.getLast().start();
    }

    while (running.get() > 0 && children.stream().anyMatch(ChildProcess::isAlive)) {
      Thread.sleep(200);
      System.out.printf("%,15d darts%n", thrown.stream().sum());
    }
    for (ChildProcess child : children) {
      child.join();
    }
    System.out.printf("pi is about %.6f%n", 4.0 * hits.stream().sum() / thrown.stream().sum());
  }

  private static void throwDarts(
      SplittableRandom random,
      long darts,
      int cell,
      SharedArray.OfLong thrown,
      SharedArray.OfLong hits) {
    for (long left = darts; left > 0; left -= BATCH) {
      int batch = (int) Math.min(left, BATCH);
      int inside = 0;
      for (int i = 0; i < batch; i++) {
        double x = random.nextDouble();
        double y = random.nextDouble();
        if (x * x + y * y <= 1) {
          inside++;
        }
      }
      hits.getAndAdd(cell, inside);
      thrown.getAndAdd(cell, batch);
    }
  }
}
