package multiprocessing.pool;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import multiprocessing.internal.shm.RecordQueue;
import multiprocessing.process.ChildProcess;
import org.jspecify.annotations.Nullable;

/** A worker as its pool sees it: the process, the channel to it, and the tasks that it holds. */
final class Worker {
  private final ChildProcess process;
  private final Channel channel;
  private final ArrayDeque<Task> held = new ArrayDeque<>();
  private final Set<Long> knownJobs = new HashSet<>();
  private volatile long pid;
  private boolean ready;
  private boolean stopping;
  private volatile boolean dead;
  private volatile int exitCode;

  Worker(ChildProcess process, Channel channel) {
    this.process = process;
    this.channel = channel;
  }

  /** Starts the process; {@code onDeath} runs, in some thread, when it has ended. */
  void start(Runnable onDeath) {
    process.start();
    pid = process.pid().orElseThrow();
    CompletableFuture<?> _ =
        process
            .onExit()
            .thenAccept(
                code -> {
                  exitCode = code;
                  dead = true;
                  onDeath.run();
                });
  }

  String name() {
    return process.name();
  }

  long pid() {
    return pid;
  }

  int exitCode() {
    return exitCode;
  }

  boolean isDead() {
    return dead;
  }

  boolean isReady() {
    return ready;
  }

  void setReady() {
    ready = true;
  }

  /** How many tasks it holds: the first runs, another waits behind it. */
  int load() {
    return held.size();
  }

  /** Whether it holds a task that it can hardly have begun. */
  boolean hasReserve() {
    return held.size() > 1 || (!ready && !held.isEmpty());
  }

  /** Whether it may be given tasks. */
  boolean accepts() {
    return !stopping && !dead;
  }

  /** Whether the task of the future is the one that it runs. */
  boolean isAt(TaskFuture<?> future) {
    return held.peekFirst() instanceof CallTask<?> call && call.isFor(future);
  }

  void assign(Task task) {
    MapJob job = task.job();
    if (job != null && knownJobs.add(job.id())) {
      send(Message.of(Message.JOB, 0, job.id(), job.function()), job.function().body());
    }
    held.addLast(task);
    task.send(this);
  }

  void send(byte[] head, @Nullable MemorySegment body) {
    boolean _ = channel.tasks().offer(head, head.length, body);
  }

  void send(Message.Builder message) {
    boolean _ = channel.tasks().offer(message.bytes(), message.length(), null);
  }

  /** The task with this id if the worker holds it. */
  @Nullable Task held(long id) {
    for (Task task : held) {
      if (task.id() == id) {
        return task;
      }
    }
    return null;
  }

  void ended(Task task) {
    held.remove(task);
  }

  /** Takes back the last task that the worker holds and has not taken; null if there is none. */
  @Nullable Task takeBack() {
    ArrayDeque<byte[]> messages = new ArrayDeque<>();
    for (byte[] message = poll(channel.tasks()); message != null; message = poll(channel.tasks())) {
      messages.addLast(message);
    }
    Task last = null;
    for (byte[] message : messages) {
      Task task = held(Message.first(message));
      last = task != null ? task : last;
    }
    for (byte[] message : messages) {
      if (last == null || Message.first(message) != last.id()) {
        send(message, null); // in the old order: a job comes before its items
      }
    }
    if (last != null) {
      held.remove(last);
    }
    return last;
  }

  /** The next message of the worker; null if there is none. */
  byte @Nullable [] poll() {
    return poll(channel.results());
  }

  private static byte @Nullable [] poll(RecordQueue queue) {
    return queue.mayHaveMore() ? queue.poll(Raw.INSTANCE) : null;
  }

  boolean hasNews() {
    return dead || channel.results().mayHaveMore();
  }

  /** All it holds, which it holds no more; the first is the one it was at. */
  List<Task> surrender() {
    List<Task> all = new ArrayList<>(held);
    held.clear();
    return all;
  }

  int startedItem(Task task) {
    return channel.startedItem(task.id());
  }

  void forget(MapJob job) {
    if (knownJobs.remove(job.id()) && !stopping) {
      send(Message.of(Message.FORGET, 0, job.id()), null);
    }
  }

  /** Lets the worker leave when it has done what it holds. */
  void stop() {
    if (!stopping) {
      stopping = true;
      send(Message.of(Message.STOP, 0, 0), null);
    }
  }

  void kill() {
    stopping = true;
    if (process.isAlive()) {
      process.kill();
    }
  }

  /** After the process has ended: gives back what it shared with the pool. */
  void close() {
    channel.close();
    process.close();
  }
}
