package multiprocessing.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.RemoteFailure;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Backoff;
import multiprocessing.internal.sync.Signal;
import org.jspecify.annotations.Nullable;

/** The middle of a pool: which tasks wait, which worker holds which, and when it ends. */
final class Dispatcher implements Runnable {
  /*
   * Each worker holds two tasks at most: the one it runs, and the next, so that it need not wait for
   * this process between them. Tasks are handed to the least loaded worker. When nothing waits any
   * more, an idle worker gets the second task of another one: both ends of a task queue may take
   * from it, and exactly one gets the task.
   *
   * When a worker dies: (1) results that it had put are read, (2) tasks that it had not taken are
   * taken back and given to others, (3) what it holds still is what it died over. Only that is lost.
   *
   * One thread of this process, the collector, reads the results of all workers, and sees to what is
   * due: time limits, workers with nothing to do. It sleeps on the pool's bell, which workers ring;
   * a dying worker is made known by ringing it, too. A caller may stand in for it, see Help.
   */
  private enum State {
    RUNNING,
    CLOSING,
    TERMINATING,
    ENDED
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
  private final PoolPlan plan;
  private final SharedBlock bell;
  private final Signal signal;
  private final Backoff backoff;
  private final Ledger ledger = new Ledger();
  private final Timekeeper timekeeper = new Timekeeper();
  private final Crew crew;
  private final Schedule schedule;
  private final Help help;

  private volatile State state = State.RUNNING;
  private @Nullable Throwable broken;
  private long lastId;
  private volatile long nextLook = Long.MAX_VALUE;

  Dispatcher(PoolPlan plan) {
    this.plan = plan;
    this.bell = SharedBlock.create(Signal.BYTES);
    this.signal = new Signal(bell.segment(), bell.offset());
    this.backoff = new Backoff(bell.processes());
    this.crew = new Crew(this, plan, bell, ledger);
    this.schedule = new Schedule(this, crew, ledger);
    this.help = new Help(this, new Backoff(bell.processes()));
  }

  /** Starts the workers and the collector; if one cannot start, none is left. */
  void start(String name) {
    lock.lock();
    try {
      crew.startAll();
    } finally {
      lock.unlock();
    }
    help.collector(Thread.ofPlatform().daemon().name(name).start(this));
  }

  void ring() {
    signal.wake(1);
    help.wakeCollector();
  }

  /** How many workers run tasks at a time. */
  int size() {
    return crew.size();
  }

  PoolPlan plan() {
    return plan;
  }

  /** The number of a new task or job. Under the lock. */
  long nextId() {
    return ++lastId;
  }

  // --- work comes in ---

  /** Takes work that {@code make} makes with its id. */
  <T extends Work> T submit(LongFunction<T> make) {
    T work = submitQuietly(make);
    help.wakeCollector();
    return work;
  }

  /** The same, for a caller who will {@link Help#await}. */
  <T extends Work> T submitQuietly(LongFunction<T> make) {
    lock.lock();
    try {
      Throwable reason = broken;
      if (state != State.RUNNING) {
        throw new RejectedExecutionException(
            reason == null ? "the pool is closed" : "the pool has failed: " + reason, reason);
      }
      T work = make.apply(nextId());
      schedule.add(work);
      dispatch();
      return work;
    } finally {
      lock.unlock();
    }
  }

  Help help() {
    return help;
  }

  /** A task that was lost or taken back runs before those that wait. Called under the lock. */
  void again(Task task) {
    schedule.again(task);
  }

  /** What a future or a call stands for is not wanted any more. */
  void cancelled(Object key, boolean stop) {
    lock.lock();
    try {
      schedule.removeAllOf(key);
      for (Worker worker : crew.workers()) {
        Task first = worker.first();
        if (stop && first != null && first.isFor(key) && !worker.isDead()) {
          worker.kill("its task was cancelled");
        }
      }
      crew.fill();
      dispatch();
      stopIfDone();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody waits for the job any more. */
  void abandon(Job job, Throwable reason) {
    lock.lock();
    try {
      job.fail(reason);
      forgotten(job);
    } finally {
      lock.unlock();
    }
  }

  /** The job has ended by itself, out of the lock. */
  void forget(Job job) {
    lock.lock();
    try {
      forgotten(job);
    } finally {
      lock.unlock();
    }
  }

  private void forgotten(Job job) {
    schedule.remove(job);
    for (Worker each : crew.workers()) {
      each.forget(job);
    }
    dispatch();
    stopIfDone();
    ring();
  }

  /** Whether a stream should offer what it has: a worker waits, or there is room for a chunk. */
  boolean wants(boolean wholeChunk) {
    return schedule.wants(wholeChunk);
  }

  /** A stream has items. */
  void offer() {
    lock.lock();
    try {
      dispatch();
      stopIfDone();
    } finally {
      lock.unlock();
    }
  }

  /** Hands out what can be handed out. Under the lock. */
  private void dispatch() {
    if (schedule.dispatch() && state != State.TERMINATING) {
      crew.grow();
    }
  }

  // --- results come back ---

  @Override
  public void run() {
    while (true) {
      lock.lock();
      try {
        collectSafely();
        if (state != State.RUNNING && crew.isGone()) {
          state = State.ENDED; // the bell stays as long as anybody may ring it
          break;
        }
      } finally {
        lock.unlock();
      }
      if (help.isThere()) {
        ring(); // what it waits for may be there now
      }
      awaitNews();
    }
    ended.complete(null);
  }

  /** Reads what there is to read, in a thread that is not the collector. */
  void collectHere() {
    lock.lock();
    try {
      if (state != State.ENDED) {
        collectSafely();
      }
    } finally {
      lock.unlock();
    }
  }

  private void collectSafely() {
    try {
      collect();
    } catch (RuntimeException | Error e) {
      breakDown(e); // a defect here must not leave callers waiting
    }
  }

  private void collect() {
    for (Worker worker : crew.snapshot()) {
      // Whether it is dead must be known before the last look at its results.
      boolean dead = worker.isDead();
      for (byte[] message = worker.poll(); message != null; message = worker.poll()) {
        handle(worker, message);
      }
      if (dead) {
        bury(worker);
      }
    }
    dispatch();
    stopIfDone();
    long now = System.nanoTime();
    if (now >= nextLook || nextLook == Long.MAX_VALUE) {
      look(now);
    }
  }

  /** Does what is due by time. */
  private void look(long now) {
    nextLook = timekeeper.check(crew.workers(), now);
    if (state == State.RUNNING) {
      nextLook = Math.min(nextLook, crew.shrink(now));
      long retry = crew.retryAt();
      if (retry != Long.MAX_VALUE && now >= retry) {
        crew.fill();
      }
      nextLook = Math.min(nextLook, Math.max(retry, now + 1));
    }
  }

  /** Has the collector look at the time limits, since there may be new ones. Under the lock. */
  void lookNow() {
    nextLook = System.nanoTime();
    ring();
  }

  private void awaitNews() {
    Backoff.Wait wait = backoff.begin();
    while (!hasNews() || help.isThere()) {
      if (help.isThere()) {
        help.nap();
        continue;
      }
      if (wait.spin()) {
        continue;
      }
      wait.sleeps();
      sleep(help::isThere);
      if (help.isThere()) {
        signal.passOn(true);
      }
    }
    wait.end();
  }

  /** One that slept leaves the bell to the others. */
  void passBellOn() {
    signal.passOn(hasNews());
  }

  /** Sleeps for a while until the bell rings, unless there is something to do. */
  void sleep(BooleanSupplier unless) {
    int prepared = signal.prepare();
    if (!hasNews() && !unless.getAsBoolean()) {
      signal.sleep(prepared, untilNextLook());
    }
  }

  private long untilNextLook() {
    long look = nextLook;
    return look == Long.MAX_VALUE ? look : Math.max(1, look - System.nanoTime());
  }

  /** Whether there is something to collect; a look without the lock. */
  boolean hasNews() {
    if (state != State.RUNNING && crew.isGone()) {
      return true;
    }
    for (Worker worker : crew.snapshot()) {
      if (worker.hasNews()) {
        return true;
      }
    }
    long look = nextLook;
    return look != Long.MAX_VALUE && System.nanoTime() >= look;
  }

  private void handle(Worker worker, byte[] message) {
    switch (message[0]) {
      case Message.READY -> {
        crew.ready(worker);
        PoolEvents.workerReady(worker);
      }
      case Message.DUMP -> timekeeper.told(worker, String.valueOf(content(message)));
      case Message.FULL -> worker.stop("it had " + Message.first(message) + " bytes of memory");
      default -> outcome(worker, message);
    }
    if (message[0] == Message.FULL) {
      schedule.takeBackFrom(worker);
      crew.fill();
    }
  }

  private static @Nullable Object content(byte[] message) {
    return Codec.shared().decode(message, Message.HEAD, message.length - Message.HEAD);
  }

  private void outcome(Worker worker, byte[] message) {
    Task task = worker.held(Message.first(message));
    if (task == null) {
      if (message[0] == Message.FAILURE && !worker.isReady()) {
        Object failure = content(message);
        breakDown(
            failure instanceof RemoteFailure remote
                ? remote.toThrowable()
                : new IllegalStateException("the initializer failed: " + failure));
      }
      return;
    }
    ledger.outcome(worker, task, message);
    if (task.receive(message)) {
      worker.ended(task);
      ledger.taskEnded(worker);
      PoolEvents.taskEnded(worker, task, message);
      Task next = worker.first();
      if (next != null && next.options().isTimed()) {
        lookNow();
      }
      Job job = task.job();
      if (job != null && job.isEnded()) {
        for (Worker each : crew.workers()) {
          each.forget(job);
        }
      }
    }
  }

  private void bury(Worker worker) {
    schedule.takeBackFrom(worker);
    byte[] staged = worker.staged();
    if (staged != null) {
      outcome(worker, staged);
    }
    for (Task task : worker.surrender().reversed()) {
      if (!task.isCancelled()) {
        task.lost(this, worker, worker.startedItem(task));
      }
    }
    timekeeper.gone(worker);
    Throwable reason = crew.bury(worker);
    PoolEvents.workerEnded(worker);
    worker.close();
    if (reason != null) {
      breakDown(reason);
    } else if (mayStart()) {
      crew.fill();
    }
  }

  // --- for the crew's starter ---

  /** Runs something under the lock. */
  boolean locked(BooleanSupplier action) {
    lock.lock();
    try {
      return action.getAsBoolean();
    } finally {
      lock.unlock();
    }
  }

  /** Whether more workers are of use. */
  boolean mayStart() {
    return state == State.RUNNING || (state == State.CLOSING && schedule.hasWork());
  }

  /** A worker was started, or could not be. Under the lock. */
  void started(@Nullable Worker worker, @Nullable RuntimeException failure) {
    if (failure != null && crew.startFailed()) {
      breakDown(failure);
    } else if (failure != null) {
      lookNow();
    }
    if (worker != null && (state == State.TERMINATING || state == State.ENDED)) {
      worker.kill("the pool has ended");
    }
    dispatch();
    stopIfDone();
  }

  // --- the end ---

  /** No more work is taken; workers leave when all that was taken is done. */
  void close() {
    lock.lock();
    try {
      if (state == State.RUNNING) {
        state = State.CLOSING;
        dispatch();
        stopIfDone();
      }
    } finally {
      lock.unlock();
    }
    ring();
  }

  /** Ends the streams, whose takers may be waiting for the pool's end themselves. */
  void cutStreams() {
    lock.lock();
    try {
      schedule.cutStreams();
      stopIfDone();
    } finally {
      lock.unlock();
    }
    ring();
  }

  private void stopIfDone() {
    if (state == State.CLOSING && !schedule.hasWork()) {
      for (Worker worker : crew.workers()) {
        worker.stop("the pool was closed");
      }
    }
  }

  /** Drops all work and ends all workers now; gives back the tasks that no worker has begun. */
  List<CallTask<?>> terminate() {
    lock.lock();
    try {
      List<CallTask<?>> never = new ArrayList<>();
      for (Worker worker : crew.workers()) {
        schedule.takeBackFrom(worker);
      }
      for (Work work : schedule.all()) {
        if (work instanceof CallTask<?> call && !call.isCancelled()) {
          never.add(call);
        }
      }
      endAll(() -> new CancellationException("the pool was terminated"));
      return never;
    } finally {
      lock.unlock();
      ring();
    }
  }

  private void breakDown(Throwable reason) {
    if (broken == null) {
      broken = reason;
    }
    endAll(() -> reason);
  }

  private void endAll(Supplier<Throwable> reason) {
    if (state == State.ENDED) {
      return;
    }
    state = State.TERMINATING;
    schedule.all().forEach(work -> work.fail(reason.get()));
    schedule.clear();
    for (Worker worker : crew.workers()) {
      worker.surrender().forEach(task -> task.fail(reason.get()));
      worker.kill("the pool was ended");
    }
  }

  /** Whether the collector has to be awake now: anything waits or is with a worker, or it ends. */
  boolean wantsCollector() {
    return locked(() -> state != State.RUNNING || schedule.hasWork());
  }

  boolean isClosed() {
    return locked(() -> state != State.RUNNING);
  }

  /** Completes when the last worker has ended after the pool was closed or terminated. */
  CompletableFuture<@Nullable Void> ended() {
    return ended;
  }

  PoolInsights insights() {
    lock.lock();
    try {
      return ledger.insights(crew.workers(), schedule.all().size());
    } finally {
      lock.unlock();
    }
  }
}
