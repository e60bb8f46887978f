package multiprocessing.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import multiprocessing.error.ProcessException;
import multiprocessing.error.StartException;
import multiprocessing.internal.shm.SharedBlock;
import org.jspecify.annotations.Nullable;

/** The workers of a pool: how many there are, and which. Under the dispatcher's lock, mostly. */
final class Crew {
  /*
   * A worker is started in a thread of its own, without the lock: that may take long, and meanwhile
   * results are to be read and tasks handed out. What is started counts as if it were there.
   *
   * A worker that has had its share of tasks is told to leave behind its last task. Its successor
   * is a spare, or is started at that moment, so nobody waits for a start unless all leave at once.
   * No more than the wanted number run tasks at a time, though those that leave are there besides.
   */
  private static final int EARLY_DEATHS = 10;
  private static final long RETRY_NANOS = 500_000_000;

  private final Dispatcher dispatcher;
  private final PoolPlan plan;
  private final WorkerFactory factory;
  private final SharedBlock bell;
  private final List<Worker> workers = new ArrayList<>();
  private final Ledger ledger;
  private volatile Worker[] snapshot = {}; // of the workers, to look at without the lock
  private final AtomicInteger wanted;
  private final AtomicInteger starting = new AtomicInteger();
  private boolean starterRuns;
  private long retryAt = Long.MIN_VALUE;
  private int earlyDeaths;
  private int restarts;

  Crew(Dispatcher dispatcher, PoolPlan plan, SharedBlock bell, Ledger ledger) {
    this.dispatcher = dispatcher;
    this.plan = plan;
    this.factory = new WorkerFactory(plan);
    this.bell = bell;
    this.ledger = ledger;
    this.wanted = new AtomicInteger(plan.least());
  }

  /** All that live, those that leave included. */
  List<Worker> workers() {
    return workers;
  }

  /** The same, for a look without the lock. */
  Worker[] snapshot() {
    return snapshot;
  }

  /** Whether there is none, and will be none. Any thread. */
  boolean isGone() {
    return snapshot.length == 0 && starting.get() == 0;
  }

  /** How many are to run tasks at a time. */
  int size() {
    return wanted.get();
  }

  // --- starting ---

  /** Starts all that there must be; if one cannot start, none is left. In the caller's thread. */
  void startAll() {
    plan.worker().nesting.check(plan.least() + plan.spares());
    try {
      for (int i = 0; i < plan.least() + plan.spares(); i++) {
        add(startOne());
      }
    } catch (RuntimeException e) {
      for (Worker worker : workers) {
        worker.kill("another worker could not be started");
      }
      throw e;
    }
  }

  private Worker startOne() {
    Channel channel = Channel.create(bell);
    boolean started = false;
    try {
      Worker worker = factory.create(channel);
      worker.start(dispatcher::ring);
      started = true;
      return worker;
    } finally {
      if (!started) {
        channel.close();
      }
    }
  }

  private void add(Worker worker) {
    ledger.workerStarted();
    worker.setSpare(active() >= wanted.get());
    workers.add(worker);
    snapshot = workers.toArray(Worker[]::new);
  }

  /** Workers that are there to be given tasks. */
  private int active() {
    int count = 0;
    for (Worker worker : workers) {
      if (worker.accepts()) {
        count++;
      }
    }
    return count;
  }

  private int missing() {
    int there = 0;
    for (Worker worker : workers) {
      if (!worker.isStopping() && !worker.isDead()) {
        there++;
      }
    }
    return wanted.get() + plan.spares() - there - starting.get();
  }

  /** Makes spares workers where some are missing, and starts new ones. */
  void fill() {
    for (int lacking = wanted.get() - active(); lacking > 0; lacking--) {
      Worker spare = bestSpare();
      if (spare == null) {
        break;
      }
      spare.setSpare(false);
    }
    if (missing() > 0 && System.nanoTime() >= retryAt) {
      int more = missing();
      if (!plan.worker().nesting.mayHave(more)) {
        retryAt = System.nanoTime() + RETRY_NANOS;
        return;
      }
      starting.addAndGet(more);
      if (!starterRuns) {
        starterRuns = true;
        Thread.ofPlatform().daemon().name("multiprocessing-starter").start(this::startMissing);
      }
    }
  }

  private @Nullable Worker bestSpare() {
    Worker best = null;
    for (Worker worker : workers) {
      if (worker.isSpare() && !worker.isStopping() && !worker.isDead()) {
        if (best == null || (worker.isReady() && !best.isReady())) {
          best = worker;
        }
      }
    }
    return best;
  }

  private void startMissing() {
    while (dispatcher.locked(this::hasToStart)) {
      Worker worker = null;
      RuntimeException failure = null;
      try {
        worker = startOne();
      } catch (RuntimeException e) {
        failure = e;
      }
      Worker born = worker;
      RuntimeException reason = failure;
      boolean _ =
          dispatcher.locked(
              () -> {
                starting.decrementAndGet();
                if (born != null) {
                  add(born);
                }
                dispatcher.started(born, reason);
                return true;
              });
      dispatcher.ring();
    }
  }

  private boolean hasToStart() {
    if (starting.get() > 0 && !dispatcher.mayStart()) {
      starting.set(0);
      dispatcher.ring();
    }
    starterRuns = starting.get() > 0;
    return starterRuns;
  }

  /** A start has failed; gives whether nobody is left to do the work. */
  boolean startFailed() {
    retryAt = System.nanoTime() + RETRY_NANOS;
    starting.set(0);
    return workers.isEmpty();
  }

  // --- size ---

  /** There is more work than workers. */
  void grow() {
    if (wanted.get() < plan.most() && starting.get() == 0) {
      wanted.incrementAndGet();
      fill();
    }
  }

  /** Lets workers go that have had nothing to do for long; gives when to look again. */
  long shrink(long now) {
    long next = Long.MAX_VALUE;
    if (wanted.get() <= plan.least()) {
      return next;
    }
    for (Worker worker : List.copyOf(workers)) {
      if (worker.accepts()
          && worker.isReady()
          && worker.load() == 0
          && wanted.get() > plan.least()) {
        long due = worker.record().idleSince() + plan.idle().toNanos();
        if (now >= due) {
          wanted.decrementAndGet();
          worker.stop("it had nothing to do");
        } else {
          next = Math.min(next, due);
        }
      }
    }
    return next;
  }

  /** When to try again what could not be started. */
  long retryAt() {
    return missing() > 0 && starting.get() == 0 ? retryAt : Long.MAX_VALUE;
  }

  // --- handing out ---

  /** The worker to give the next task to; null if all have enough. */
  @Nullable Worker leastLoaded(int most) {
    Worker least = null;
    int busy = 0;
    for (Worker worker : workers) {
      if (worker.load() > 0) {
        busy++;
      }
      if (worker.accepts() && worker.load() < most && isBetter(worker, least)) {
        least = worker;
      }
    }
    if (least != null && least.load() == 0 && busy >= wanted.get()) {
      return null; // one that leaves still runs its last task
    }
    return least;
  }

  private static boolean isBetter(Worker worker, @Nullable Worker least) {
    if (least == null) {
      return true;
    }
    return worker.load() < least.load()
        || (worker.load() == least.load() && worker.isReady() && !least.isReady());
  }

  /** A worker was given a task: was it its last? */
  void assigned(Worker worker) {
    if (plan.maxTasks() > 0 && worker.assigned() >= plan.maxTasks()) {
      worker.stop("it has run the " + plan.maxTasks() + " tasks that a worker may");
      fill();
    }
  }

  // --- the end of a worker ---

  /**
   * A worker is dead.
   *
   * @return why the pool must fail now; null if it goes on
   */
  @Nullable Throwable bury(Worker worker) {
    boolean planned = worker.leftAsTold();
    workers.remove(worker);
    snapshot = workers.toArray(Worker[]::new);
    ledger.workerEnded(worker, planned);
    if (!planned && !worker.isReady() && ++earlyDeaths > EARLY_DEATHS) {
      return new StartException(
          earlyDeaths
              + " workers in a row ended before they were ready, the last, "
              + worker.name()
              + ", with exit code "
              + worker.exitCode()
              + "; its stderr says why"
              + (worker.obituary().isBlank() ? "" : ":\n" + worker.obituary()));
    }
    if (!planned && plan.maxRestarts() >= 0 && ++restarts > plan.maxRestarts()) {
      return new ProcessException(
          "the pool gives up: "
              + restarts
              + " workers were lost, and "
              + plan.maxRestarts()
              + " may be; the last was "
              + worker.name()
              + " (pid "
              + worker.pid()
              + ", exit code "
              + worker.exitCode()
              + ")");
    }
    return null;
  }

  void ready(Worker worker) {
    worker.setReady();
    earlyDeaths = 0;
  }
}
