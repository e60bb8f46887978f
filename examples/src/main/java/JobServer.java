import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import multiprocessing.Multiprocessing;
import multiprocessing.connection.Address;
import multiprocessing.error.ProcessException;
import multiprocessing.manager.Manager;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * job-server: counts primes by workers that are programs of their own, and may come and go.
 *
 * <p>{@code JobServer} serves jobs on a port of this machine and starts a worker for each
 * processor. On several machines, with the same secret in the environment variable {@code JOB_KEY}
 * of all:
 *
 * <pre>
 * JobServer serve 0.0.0.0:6000     # on one of them
 * JobServer work HOST:6000         # on any, as often as there are processors
 * </pre>
 *
 * <p>Server and workers share one object, {@link Board}. A job that is handed out stays on it until
 * its result is there, and is handed out again when there are no others: a worker that dies, or is
 * slow, holds up nothing.
 */
@NullMarked
public final class JobServer {
  private static final String KEY = "JOB_KEY";
  private static final int JOBS = 50;
  private static final int NUMBERS = 100_000;

  private JobServer() {}

  /** To count the primes from a number on up to another. */
  record Job(int from, int to) implements Serializable {}

  /** What the workers see of the server. */
  interface Board {
    /** Gives a job that is not done; null if all are. */
    @Nullable Job next();

    void done(Job job, int primes);
  }

  /** The board itself. The server calls it from a thread for each worker. */
  private static final class Jobs implements Board {
    private final Queue<Job> open = new ArrayDeque<>();
    private final Map<Job, Integer> results = new HashMap<>();

    Jobs() {
      for (int i = 0; i < JOBS; i++) {
        open.add(new Job(i * NUMBERS, (i + 1) * NUMBERS));
      }
    }

    @Override
    public synchronized @Nullable Job next() {
      Job job = open.poll();
      if (job != null) {
        open.add(job); // as the last one, until it is done
      }
      return job;
    }

    @Override
    public synchronized void done(Job job, int primes) {
      open.remove(job);
      results.put(job, primes);
      if (open.isEmpty()) {
        notifyAll();
      }
    }

    synchronized int awaitPrimes() throws InterruptedException {
      while (!open.isEmpty()) {
        wait();
      }
      return results.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 0) {
      serve(Address.tcp("localhost", 0), UUID.randomUUID().toString(), Multiprocessing.cpuCount());
      return;
    }
    String key = System.getenv(KEY);
    if (key == null || args.length != 2) {
      System.err.println("JobServer [serve|work HOST:PORT], with a secret in " + KEY);
      System.exit(2);
    } else if (args[0].equals("serve")) {
      serve(Address.parse(args[1]), key, 0);
    } else {
      work(Address.parse(args[1]), key);
    }
  }

  private static void serve(Address address, String key, int workers)
      throws IOException, InterruptedException {
    Jobs jobs = new Jobs();
    try (Manager manager = Manager.serve(address, key.getBytes(StandardCharsets.UTF_8))) {
      manager.register(Board.class, () -> jobs);
      System.out.println("jobs at " + manager.address());
      List<Process> programs = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        programs.add(startWorker(manager.address(), key));
      }
      System.out.printf("%d primes below %d%n", jobs.awaitPrimes(), JOBS * NUMBERS);
      for (Process program : programs) {
        program.waitFor();
      }
    }
  }

  /** Starts a program like this one. The secret is not among its arguments, which all can see. */
  private static Process startWorker(Address address, String key) throws IOException {
    ProcessBuilder worker =
        new ProcessBuilder(
            System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            JobServer.class.getName(),
            "work",
            address.toString());
    worker.environment().put(KEY, key);
    return worker.inheritIO().start();
  }

  private static void work(Address address, String key) throws IOException, InterruptedException {
    int count = 0;
    try (Manager manager = Manager.connect(address, key.getBytes(StandardCharsets.UTF_8))) {
      Board board = manager.create(Board.class);
      for (Job job = board.next(); job != null; job = board.next()) {
        board.done(job, primes(job.from(), job.to()));
        count++;
      }
    } catch (ProcessException e) {
      System.err.println("the server is gone");
    }
    System.out.println("worker " + ProcessHandle.current().pid() + " did " + count + " jobs");
  }

  private static int primes(int from, int to) {
    int primes = 0;
    for (int number = Math.max(from, 2); number < to; number++) {
      int divisor = 2;
      while (divisor <= number / divisor && number % divisor != 0) {
        divisor++;
      }
      if (divisor > number / divisor) {
        primes++;
      }
    }
    return primes;
  }
}
