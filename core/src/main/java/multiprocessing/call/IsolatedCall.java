package multiprocessing.call;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.CallCrashedException;
import multiprocessing.error.CallMemoryException;
import multiprocessing.error.CallTimeoutException;
import multiprocessing.error.ShutdownException;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.serial.RemoteFailure;
import multiprocessing.internal.shm.RecordQueue;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.ProcessOptions;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.Nullable;

/** Runs one task in a fresh process under limits, and gives back what becomes of it. */
public final class IsolatedCall {
  /*
   * The process puts its answer into a queue of shared memory, so a result may have any size that
   * fits there, and it is complete or not there at all. The caller sleeps on that queue; the end of
   * the process shuts it down, so what was answered before is still read, and nobody waits for the
   * dead. At its deadline the process itself tells where its threads are: that works without a
   * debugger or a signal, also in a loop; one that is stuck more deeply (native code, a heap that is
   * full) gets some grace and is killed without it.
   */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Duration LEAVE = Duration.ofSeconds(1);
  private static final int SIGXCPU = 24;

  private final Limits limits;
  private final RecordQueue answers = RecordQueue.create(0);
  private final long deadline;
  private final ChildProcess child;
  private boolean begun;
  private boolean closed;

  private IsolatedCall(SerializableCallable<?> task, Limits limits, StartMethod method) {
    this.limits = limits;
    long now = System.nanoTime();
    deadline = limits.timeout() == null ? Long.MAX_VALUE : now + nanos(limits.timeout());
    child =
        ChildProcess.builder()
            .namePrefix("Call")
            .startMethod(method(limits, method))
            .options(options(limits))
            .target(new CallTask(answers.block().export(), task, deadline))
            .build();
  }

  /**
   * Runs a task in a process of its own and returns its result.
   *
   * @param <T> what the task returns
   * @param task what to run; it travels with what it captures, and its result travels back
   * @param limits what it may use
   * @param method how its process is started if the limits do not say so
   * @return what the task returned
   * @throws CallTimeoutException if it took too long; with the threads of its process
   * @throws CallMemoryException if its heap was exhausted
   * @throws CallCrashedException if its process ended in another way than by the task's end
   * @throws InterruptedException if this thread is interrupted; the process is killed
   * @throws multiprocessing.error.SerializationException if the task or its result cannot travel
   * @throws multiprocessing.error.StartException if no process can be started
   * @throws Exception what the task threw, as itself, with the stack there as its last cause
   */
  @SuppressWarnings({"unchecked", "NullAway"}) // what the task returned is a T, null or not
  public static <T extends @Nullable Object> T call(
      SerializableCallable<T> task, Limits limits, StartMethod method) throws Exception {
    IsolatedCall call = new IsolatedCall(task, limits, method);
    call.child.start();
    boolean answered = false;
    try {
      T value = (T) call.await();
      answered = true;
      return value;
    } finally {
      call.end(answered);
    }
  }

  /** A fork of this process cannot have a heap of its own size. */
  private static StartMethod method(Limits limits, StartMethod given) {
    if (limits.startMethod() != null) {
      return limits.startMethod();
    }
    return limits.heap().isPresent() && given == StartMethod.FORK ? StartMethod.SPAWN : given;
  }

  private static ProcessOptions options(Limits limits) {
    ProcessOptions given = limits.options();
    if (limits.heap().isEmpty()) {
      return given;
    }
    return new ProcessOptions(
        limits.heap(),
        given.jvmOptions(),
        given.environment(),
        given.directory(),
        given.stdout(),
        given.stderr(),
        given.processors(),
        given.nice());
  }

  private static long nanos(Duration duration) {
    return TimeUnit.NANOSECONDS.convert(duration) / 2 == Long.MAX_VALUE / 2
        ? Long.MAX_VALUE / 2
        : TimeUnit.NANOSECONDS.convert(duration);
  }

  private @Nullable Object await() throws Exception {
    CompletableFuture<?> _ = child.onExit().thenRun(this::noMoreAnswers);
    if (limits.cpuTime() != null) {
      long seconds = limits.cpuTime().plusNanos(999_999_999).toSeconds();
      ProcessControl.limitCpu(child.pid().orElseThrow(), seconds);
    }
    while (true) {
      Answer answer;
      try {
        answer = answers.take(Answer.DECODER, left());
      } catch (ShutdownException e) {
        throw crash();
      }
      if (answer == null) {
        throw timeout("");
      }
      switch (answer.kind()) {
        case Answer.BEGUN -> begun = true;
        case Answer.VALUE -> {
          return answer.content();
        }
        case Answer.DUMP -> throw timeout(String.valueOf(answer.content()));
        default -> throw failure((RemoteFailure) answer.content());
      }
    }
  }

  private synchronized void noMoreAnswers() {
    if (!closed) {
      answers.shutdown(false);
    }
  }

  private synchronized void close() {
    closed = true;
    answers.block().close();
  }

  private long left() {
    return deadline == Long.MAX_VALUE
        ? Long.MAX_VALUE
        : Math.max(1, deadline + GRACE_NANOS - System.nanoTime());
  }

  private Exception failure(@Nullable RemoteFailure failure) throws Exception {
    Throwable thrown =
        failure == null ? new IllegalStateException("no failure") : failure.toThrowable();
    if (thrown instanceof OutOfMemoryError) {
      String limit = limits.heap().isPresent() ? " of " + limits.heap().getAsLong() + " bytes" : "";
      throw new CallMemoryException(
          "the call needed more memory than the heap"
              + limit
              + " of its process (pid "
              + pid()
              + ") has: "
              + thrown.getMessage(),
          thrown);
    }
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (Exception) thrown;
  }

  private CallTimeoutException timeout(String dump) {
    String state =
        begun ? " and was killed" : " and was killed; its process had not come to the task by then";
    return new CallTimeoutException(
        "the call took longer than " + limits.timeout() + state, pid(), dump);
  }

  private Exception crash() throws InterruptedException {
    child.join();
    OptionalInt code = child.exitCode();
    if (code.orElse(0) == -SIGXCPU && limits.cpuTime() != null) {
      return new CallTimeoutException(
          "the call used more than " + limits.cpuTime() + " of processor time and was killed",
          pid(),
          "");
    }
    String report = CrashReport.of(pid(), limits.options().directory());
    return new CallCrashedException(pid(), code.orElse(0), report);
  }

  private long pid() {
    return child.pid().orElse(0);
  }

  /** Whoever calls is to find nothing of the call afterwards. */
  private void end(boolean answered) throws InterruptedException {
    boolean interrupted = false;
    try {
      if (!answered || !child.join(LEAVE)) {
        child.kill();
        child.join(LEAVE); // a thread in this process may go on: it cannot be killed
      }
    } catch (InterruptedException e) {
      interrupted = true;
      child.kill();
    }
    if (!child.isAlive()) {
      child.close();
      close();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
