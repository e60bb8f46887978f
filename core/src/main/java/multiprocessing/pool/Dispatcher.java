package multiprocessing.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import multiprocessing.error.StartException;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.RemoteFailure;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Backoff;
import multiprocessing.internal.sync.Signal;
import org.jspecify.annotations.Nullable;

/** The middle of a pool: which tasks wait, which worker holds which, and who is alive. */
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
   * One thread of this process, the collector, reads the results of all workers. It sleeps on the
   * pool's bell, which workers ring; a dying worker is made known by ringing it, too.
   */
  private static final int PREFETCH = 2;
  private static final int EARLY_DEATHS = 10;

  private enum State {
    RUNNING,
    CLOSING,
    TERMINATING,
    ENDED
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Task> returned = new ArrayDeque<>();
  private final ArrayDeque<Object> waiting = new ArrayDeque<>(); // CallTask or MapJob
  private final List<Worker> workers = new ArrayList<>();
  private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
  private final int size;
  private final int retries;
  private final WorkerFactory factory;
  private final SharedBlock bell;
  private final Signal signal;
  private final Backoff backoff;

  private State state = State.RUNNING;
  private @Nullable Throwable broken;
  private int earlyDeaths;
  private long lastId;

  /** Starts a worker on a channel. */
  interface WorkerFactory {
    Worker create(Channel channel);
  }

  Dispatcher(int size, int retries, WorkerFactory factory) {
    this.size = size;
    this.retries = retries;
    this.factory = factory;
    this.bell = SharedBlock.create(Signal.BYTES);
    this.signal = new Signal(bell.segment(), bell.offset());
    this.backoff = new Backoff(bell.processes());
  }

  /** Starts the workers and the collector; if one cannot start, none is left. */
  void start(String name) {
    lock.lock();
    try {
      for (int i = 0; i < size; i++) {
        startWorker();
      }
    } catch (RuntimeException e) {
      for (Worker worker : workers) {
        worker.kill();
      }
      throw e;
    } finally {
      lock.unlock();
    }
    Thread.ofPlatform().daemon().name(name).start(this);
  }

  private void startWorker() {
    Channel channel = Channel.create(bell);
    Worker worker = factory.create(channel);
    worker.start(this::ring);
    workers.add(worker);
  }

  private void ring() {
    signal.wake(1);
  }

  int size() {
    return size;
  }

  int retries() {
    return retries;
  }

  long nextId() {
    return ++lastId;
  }

  // --- work comes in ---

  /** Takes a task that {@code make} makes with its id. */
  <T> T submit(LongFunction<T> make) {
    lock.lock();
    try {
      Throwable reason = broken;
      if (state != State.RUNNING) {
        throw new RejectedExecutionException(
            reason == null ? "the pool is closed" : "the pool has failed: " + reason, reason);
      }
      T work = make.apply(nextId());
      waiting.addLast(work);
      dispatch();
      return work;
    } finally {
      lock.unlock();
    }
  }

  /** A task that was lost or taken back runs before those that wait. Called under the lock. */
  void again(Task task) {
    returned.addFirst(task);
  }

  void cancelled(TaskFuture<?> future, boolean stop) {
    lock.lock();
    try {
      Worker worker = future.holder();
      if (worker == null) {
        waiting.removeIf(work -> work instanceof CallTask<?> call && call.isFor(future));
        returned.removeIf(work -> work instanceof CallTask<?> call && call.isFor(future));
      } else if (stop && worker.isAt(future)) {
        worker.kill();
      }
      stopIfDone();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody waits for the job any more. */
  void abandon(MapJob job, Throwable reason) {
    lock.lock();
    try {
      job.fail(reason);
      dispatch();
      stopIfDone();
    } finally {
      lock.unlock();
    }
  }

  // --- work goes out; all under the lock ---

  private void dispatch() {
    for (Worker worker = leastLoaded(); worker != null; worker = leastLoaded()) {
      Task task = nextTask();
      if (task == null) {
        balance();
        return;
      }
      worker.assign(task);
    }
  }

  private @Nullable Task nextTask() {
    for (Task task = returned.pollFirst(); task != null; task = returned.pollFirst()) {
      if (!task.isCancelled()) {
        return task;
      }
    }
    while (!waiting.isEmpty()) {
      Object first = waiting.getFirst();
      if (first instanceof Task task) {
        waiting.removeFirst();
        if (!task.isCancelled()) {
          return task;
        }
      } else if (first instanceof MapJob job) {
        Task task = job.nextTask(this);
        if (task != null) {
          return task;
        }
        waiting.removeFirst();
      }
    }
    return null;
  }

  private @Nullable Worker leastLoaded() {
    Worker least = null;
    for (Worker worker : workers) {
      if (worker.accepts()
          && worker.load() < PREFETCH
          && (least == null || worker.load() < least.load())) {
        least = worker;
      }
    }
    return least;
  }

  /** Gives idle workers what others hold in reserve. */
  private void balance() {
    for (Worker idle : workers) {
      if (!idle.isReady() || !idle.accepts() || idle.load() > 0) {
        continue;
      }
      for (Worker busy : workers) {
        Task task = busy.hasReserve() ? busy.takeBack() : null;
        if (task != null) {
          idle.assign(task);
          break;
        }
      }
    }
  }

  // --- results come back ---

  @Override
  public void run() {
    while (true) {
      lock.lock();
      try {
        collect();
        if (state != State.RUNNING && workers.isEmpty()) {
          state = State.ENDED;
          bell.close();
          break;
        }
      } catch (RuntimeException | Error e) {
        breakDown(e); // a defect here must not leave callers waiting
      } finally {
        lock.unlock();
      }
      awaitNews();
    }
    ended.complete(null);
  }

  private void collect() {
    for (Worker worker : List.copyOf(workers)) {
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
  }

  private void awaitNews() {
    Backoff.Wait wait = backoff.begin();
    while (!hasNews()) {
      if (wait.spin()) {
        continue;
      }
      wait.sleeps();
      int prepared = signal.prepare();
      if (!hasNews()) {
        signal.sleep(prepared, Long.MAX_VALUE);
      }
    }
    wait.end();
  }

  private boolean hasNews() {
    lock.lock();
    try {
      if (state != State.RUNNING && workers.isEmpty()) {
        return true;
      }
      for (Worker worker : workers) {
        if (worker.hasNews()) {
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void handle(Worker worker, byte[] message) {
    if (message[0] == Message.READY) {
      worker.setReady();
      earlyDeaths = 0;
      return;
    }
    Task task = worker.held(Message.first(message));
    if (task == null) {
      if (message[0] == Message.FAILURE && !worker.isReady()) {
        breakDown(initializerFailure(message));
      }
      return;
    }
    if (task.receive(message)) {
      worker.ended(task);
      MapJob job = task.job();
      if (job != null && job.isEnded()) {
        for (Worker each : workers) {
          each.forget(job);
        }
      }
    }
  }

  private static Throwable initializerFailure(byte[] message) {
    Object failure = Codec.shared().decode(message, Message.HEAD, message.length - Message.HEAD);
    return failure instanceof RemoteFailure remote
        ? remote.toThrowable()
        : new IllegalStateException("the initializer failed: " + failure);
  }

  private void bury(Worker worker) {
    workers.remove(worker);
    for (Task task = worker.takeBack(); task != null; task = worker.takeBack()) {
      again(task);
    }
    for (Task task : worker.surrender().reversed()) {
      if (!task.isCancelled()) {
        task.lost(this, worker, worker.startedItem(task));
      }
    }
    worker.close();
    if (!worker.isReady() && ++earlyDeaths > EARLY_DEATHS) {
      breakDown(
          new StartException(
              earlyDeaths
                  + " workers in a row ended before they were ready, the last, "
                  + worker.name()
                  + ", with exit code "
                  + worker.exitCode()
                  + "; its stderr says why"));
    } else if (state == State.RUNNING || (state == State.CLOSING && hasWork())) {
      replace();
    }
  }

  private void replace() {
    if (workers.size() < size) {
      try {
        startWorker();
      } catch (RuntimeException e) {
        if (workers.isEmpty()) {
          breakDown(e);
        }
      }
    }
  }

  private boolean hasWork() {
    if (!returned.isEmpty() || !waiting.isEmpty()) {
      return true;
    }
    for (Worker worker : workers) {
      if (worker.load() > 0) {
        return true;
      }
    }
    return false;
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

  private void stopIfDone() {
    if (state == State.CLOSING && !hasWork()) {
      for (Worker worker : workers) {
        worker.stop();
      }
    }
  }

  /** Drops all work and ends all workers now; gives back the tasks that never went out. */
  List<CallTask<?>> terminate() {
    lock.lock();
    try {
      List<CallTask<?>> never = new ArrayList<>();
      for (Object work : waiting) {
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
    for (Task task : returned) {
      task.fail(reason.get());
    }
    returned.clear();
    for (Object work : waiting) {
      if (work instanceof Task task) {
        task.fail(reason.get());
      } else if (work instanceof MapJob job) {
        job.fail(reason.get());
      }
    }
    waiting.clear();
    for (Worker worker : workers) {
      for (Task task : worker.surrender()) {
        task.fail(reason.get());
      }
      worker.kill();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return state != State.RUNNING;
    } finally {
      lock.unlock();
    }
  }

  /** Completes when the last worker has ended after the pool was closed or terminated. */
  CompletableFuture<@Nullable Void> ended() {
    return ended;
  }
}
