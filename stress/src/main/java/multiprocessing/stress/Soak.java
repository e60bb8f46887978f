package multiprocessing.stress;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import multiprocessing.process.ForkServers;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.Nullable;

/**
 * Mixes everything: some threads each do one job after another, which job and by which start method
 * is a matter of chance. A line a second tells how far it is; in the end nothing may be left.
 */
final class Soak {
  private static final int THREADS = 3;
  private static final int MOST_FAILURES = 20;
  private static final long STALL_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final Map<String, Job> JOBS = new LinkedHashMap<>();

  static {
    JOBS.put("exit", ProcessJobs::exit);
    JOBS.put("kill", ProcessJobs::kill);
    JOBS.put("tree", ProcessJobs::tree);
    JOBS.put("queue", SharingJobs::queue);
    JOBS.put("killed consumer", SharingJobs::killedConsumer);
    JOBS.put("lock", SharingJobs::lock);
    JOBS.put("semaphore", SharingJobs::semaphore);
    JOBS.put("event", WaitingJobs::event);
    JOBS.put("condition", WaitingJobs::condition);
    JOBS.put("barrier", WaitingJobs::barrier);
    JOBS.put("pipe", TalkingJobs::pipe);
    JOBS.put("listener", TalkingJobs::listener);
    JOBS.put("manager", TalkingJobs::manager);
    JOBS.put("named memory", MemoryJobs::named);
    JOBS.put("list", MemoryJobs::list);
    JOBS.put("numbers", MemoryJobs::numbers);
    JOBS.put("pool", PoolJobs::map);
    JOBS.put("pool death", PoolJobs::death);
    JOBS.put("pool terminate", PoolJobs::terminate);
  }

  private final Options options;
  private final Map<String, Job> jobs = new LinkedHashMap<>(JOBS);
  private final PrintStream out;
  private final Map<String, LongAdder> done = new ConcurrentHashMap<>();
  private final List<String> found = Collections.synchronizedList(new ArrayList<>());
  private final Map<Thread, Work> current = new ConcurrentHashMap<>();
  private volatile boolean over;

  /** What a thread is at. */
  private record Work(String name, long since) {}

  Soak(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
    if (!options.jobs().isEmpty()) {
      jobs.keySet().retainAll(options.jobs());
    }
  }

  /**
   * The name of a job.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  static String checked(String job) {
    if (!JOBS.containsKey(job)) {
      throw new IllegalArgumentException("there is no job '" + job + "' among " + JOBS.keySet());
    }
    return job;
  }

  /** Runs for the time that was asked for; gives what was found, nothing if all is well. */
  List<String> run() throws InterruptedException {
    Random random = new Random(options.seed());
    for (StartMethod method : options.methods()) { // what the library keeps is there from now on
      jobs.forEach((name, job) -> runOne(name, job, method, new Random(random.nextLong())));
    }
    ForkServers.stop();
    if (!found.isEmpty()) {
      return List.copyOf(found);
    }
    State before = settled();
    long start = System.nanoTime();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Random own = new Random(random.nextLong());
      threads.add(Thread.ofPlatform().daemon().name("soak-" + i).start(() -> work(own)));
    }
    boolean stalled = false;
    while (!over) {
      TimeUnit.SECONDS.sleep(1);
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
      out.println(line(seconds));
      stalled = isStalled();
      over = stalled || seconds >= options.duration().toSeconds() || found.size() >= MOST_FAILURES;
    }
    for (Thread thread : threads) {
      while (!stalled && thread.isAlive()) {
        thread.join(1_000);
        stalled = isStalled();
      }
    }
    ForkServers.stop();
    if (!stalled) {
      found.addAll(leaks(before));
    }
    return List.copyOf(found);
  }

  private void work(Random random) {
    List<String> names = List.copyOf(jobs.keySet());
    while (!over) {
      String name = names.get(random.nextInt(names.size()));
      StartMethod method = options.methods().get(random.nextInt(options.methods().size()));
      Job job = jobs.get(name);
      if (job != null) {
        runOne(name, job, method, new Random(random.nextLong()));
      }
    }
  }

  private void runOne(String name, Job job, StartMethod method, Random random) {
    Thread thread = Thread.currentThread();
    current.put(thread, new Work(name + " by " + method, System.nanoTime()));
    try {
      job.run(method, random);
      done.computeIfAbsent(name, _ -> new LongAdder()).increment();
    } catch (Exception e) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      found.add(name + " by " + method + ": " + trace);
    } finally {
      current.remove(thread);
    }
  }

  private boolean isStalled() {
    for (Map.Entry<Thread, Work> each : current.entrySet()) {
      if (System.nanoTime() - each.getValue().since() > STALL_NANOS) {
        StringBuilder text = new StringBuilder("no end in sight: " + each.getValue().name());
        for (StackTraceElement frame : each.getKey().getStackTrace()) {
          text.append("\n\tat ").append(frame);
        }
        found.add(text.toString());
        return true;
      }
    }
    return false;
  }

  private String line(long seconds) {
    String counts =
        jobs.keySet().stream()
            .map(name -> name + " " + count(done.get(name)))
            .collect(Collectors.joining(", "));
    return "%4d s  %s; failures %d; %s".formatted(seconds, counts, found.size(), State.now());
  }

  private static long count(@Nullable LongAdder adder) {
    return adder == null ? 0 : adder.sum();
  }

  /** The state once those that were told to end have ended. */
  private static State settled() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    State state = collected();
    while (!state.processes().isEmpty() && System.nanoTime() < deadline) {
      state = collected();
    }
    return state;
  }

  /** What a cleaner gives back waits for the collector. */
  private static State collected() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(50);
    }
    return State.now();
  }

  private static List<String> leaks(State before) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    List<String> leaks = collected().beyond(before);
    while (!leaks.isEmpty() && System.nanoTime() < deadline) {
      leaks = collected().beyond(before);
    }
    return leaks;
  }
}
