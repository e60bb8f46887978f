package multiprocessing.pool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** What pools tell Java Flight Recorder, if it records: nothing is loaded or made for it before. */
final class PoolEvents {
  private PoolEvents() {}

  /** A call or a chunk has ended. */
  @Name("multiprocessing.PoolTask")
  @Label("Pool Task")
  @Category("Multiprocessing")
  @Description("A call, or a chunk of items, has ended in a worker of a pool")
  @StackTrace(false)
  static final class TaskEnded extends Event {
    @Label("Worker")
    String worker = "";

    @Label("Process Id")
    long pid;

    @Label("Task")
    long task;

    @Label("Job")
    @Description("The job that a chunk belongs to; 0 for a call")
    long job;

    @Label("Items")
    int items;

    @Label("Failed")
    boolean failed;

    @Label("Last Run Time")
    @Description("How long a call ran, or the last outcomes of a chunk took")
    @Timespan(Timespan.NANOSECONDS)
    long runTime;
  }

  /** A worker has become ready, or has ended. */
  @Name("multiprocessing.PoolWorker")
  @Label("Pool Worker")
  @Category("Multiprocessing")
  @Description("A worker of a pool has become ready, or has ended")
  @StackTrace(false)
  static final class WorkerChanged extends Event {
    @Label("Worker")
    String worker = "";

    @Label("Process Id")
    long pid;

    @Label("State")
    String state = "";

    @Label("Tasks")
    long tasks;

    @Label("Start-up Time")
    @Timespan(Timespan.NANOSECONDS)
    long startUp;

    @Label("Exit Code")
    int exitCode;

    @Label("Reason")
    String reason = "";
  }

  static void taskEnded(Worker worker, Task task, byte[] message) {
    if (!FlightRecorder.isInitialized()) {
      return;
    }
    TaskEnded event = new TaskEnded();
    if (event.isEnabled()) {
      event.worker = worker.name();
      event.pid = worker.pid();
      event.task = task.id();
      Job job = task.job();
      event.job = job == null ? 0 : job.id();
      event.items = task instanceof ItemsTask chunk ? chunk.count() : 1;
      event.failed = message[0] == Message.FAILURE;
      event.runTime = Message.second(message);
      event.commit();
    }
  }

  static void workerReady(Worker worker) {
    workerChanged(worker, "ready", 0);
  }

  static void workerEnded(Worker worker) {
    workerChanged(worker, "ended", worker.exitCode());
  }

  private static void workerChanged(Worker worker, String state, int exitCode) {
    if (!FlightRecorder.isInitialized()) {
      return;
    }
    WorkerChanged event = new WorkerChanged();
    if (event.isEnabled()) {
      event.worker = worker.name();
      event.pid = worker.pid();
      event.state = state;
      event.tasks = worker.record().tasks();
      event.startUp = worker.record().startUp().toNanos();
      event.exitCode = exitCode;
      event.reason = worker.record().reason();
      event.commit();
    }
  }
}
