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
  private final Obituary.Before before;
  private final ArrayDeque<Task> held = new ArrayDeque<>();
  private final Set<Long> knownJobs = new HashSet<>();
  private final WorkerRecord record = new WorkerRecord();
  private final Message.Builder scratch = new Message.Builder();
  private volatile long pid;
  private boolean ready;
  private boolean spare;
  private boolean stopping;
  private boolean killed;
  private @Nullable Job lastJob;
  private long assigned;
  private @Nullable String dump;
  private @Nullable String obituary;
  private volatile boolean dead;
  private volatile boolean closed;
  private volatile int exitCode;

  Worker(ChildProcess process, Channel channel) {
    this.process = process;
    this.channel = channel;
    this.before = Obituary.before();
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
    record.ready();
  }

  /** Whether it is kept for when another one leaves. */
  boolean isSpare() {
    return spare;
  }

  void setSpare(boolean value) {
    spare = value;
  }

  boolean isStopping() {
    return stopping;
  }

  /** Whether it ended, now that it has, because the pool wanted it to. */
  boolean leftAsTold() {
    return killed || (stopping && exitCode == 0);
  }

  WorkerRecord record() {
    return record;
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
    return !stopping && !dead && !spare;
  }

  /** The task that it runs, if it holds any. */
  @Nullable Task first() {
    return held.peekFirst();
  }

  void assign(Task task) {
    Job job = task.job();
    if (job != null && job != lastJob && knownJobs.add(job.id())) {
      long flags = job.options().flags();
      send(Message.of(Message.JOB, flags, job.id(), job.function()), job.function().body());
    }
    lastJob = job;
    assigned++;
    held.addLast(task);
    task.send(this);
  }

  /** How many tasks it was ever given and has not given back. */
  long assigned() {
    return assigned;
  }

  void send(byte[] head, @Nullable MemorySegment body) {
    boolean _ = channel.tasks().offer(head, head.length, body);
  }

  /** Whether it slept when it was sent what it was sent last. */
  boolean wasWoken() {
    return channel.tasks().hasWoken();
  }

  /** A message to fill and {@link #send}. */
  Message.Builder scratch() {
    return scratch;
  }

  void send(Message.Builder message) {
    boolean _ = channel.tasks().offer(message.bytes(), message.length(), null);
    message.shrinkIfLarge();
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

  /** It was not sent the task after all. */
  void dropped(Task task) {
    held.remove(task);
    assigned--;
  }

  /**
   * Takes back the last task that the worker holds and has not taken; null if there is none. While
   * all others are on their way out and in again, the worker may take what stands behind them, so
   * that it gets items before their job.
   */
  @Nullable Task takeBack() {
    ArrayDeque<byte[]> messages = new ArrayDeque<>();
    for (byte[] message = poll(channel.tasks()); message != null; message = poll(channel.tasks())) {
      messages.addLast(message);
    }
    Task last = null;
    for (byte[] message : messages) {
      Task task = isTask(message) ? held(Message.first(message)) : null;
      last = task != null ? task : last;
    }
    for (byte[] message : messages) {
      if (last == null || !isTask(message) || Message.first(message) != last.id()) {
        send(message, null); // in the old order: a job comes before its items
      }
    }
    if (last != null) {
      dropped(last);
    }
    return last;
  }

  private static boolean isTask(byte[] message) {
    return message[0] == Message.CALL || message[0] == Message.ITEMS;
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

  /** What it began last, and when; nothing once it is gone. */
  Channel.Position position() {
    return closed ? new Channel.Position(-1, 0) : channel.position();
  }

  int startedItem(Task task) {
    return channel.startedItem(task.id());
  }

  /** Outcomes that it had when it died, and had not put yet; null if there are none. */
  byte @Nullable [] staged() {
    return first() instanceof ItemsTask task ? channel.staged(task.id(), task.received()) : null;
  }

  void forget(Job job) {
    if (job == lastJob) {
      lastJob = null;
    }
    if (knownJobs.remove(job.id()) && !stopping) {
      send(Message.of(Message.FORGET, 0, job.id()), null);
    }
  }

  void order(long order) {
    if (!closed) {
      channel.order(order);
    }
  }

  /** Lets the worker leave when it has done what it holds. */
  void stop(String reason) {
    if (!stopping) {
      stopping = true;
      record.leaves(reason);
      send(Message.of(Message.STOP, 0, 0), null);
    }
  }

  void kill(String reason) {
    stopping = true;
    killed = true;
    record.leaves(reason);
    if (process.isAlive()) {
      process.kill();
    }
  }

  /** Kills it over the task that it is at; {@code threads} is where it stood. */
  void killOverTime(String threads) {
    dump = threads;
    kill("a task ran beyond its hard time limit");
  }

  /** Where its threads were before it was killed because of a time limit; null if it was not. */
  @Nullable String dumpBeforeKill() {
    return dump;
  }

  /** What there is to say about its death besides the exit code. */
  String obituary() {
    String text = obituary;
    if (text == null) {
      text = Obituary.write(pid, exitCode, closed ? "" : channel.stderrTail(), before);
      obituary = text;
    }
    return text;
  }

  /** After the process has ended: gives back what it shared with the pool. */
  void close() {
    closed = true;
    channel.close();
    process.close();
  }
}
