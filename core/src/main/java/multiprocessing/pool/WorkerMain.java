package multiprocessing.pool;

import multiprocessing.internal.session.Session;
import multiprocessing.process.SerializableRunnable;

/** What a worker does from its start to its end. */
final class WorkerMain implements SerializableRunnable {
  private static final long serialVersionUID = 1L;

  private final Channel.Sent sent;
  private final WorkerPlan plan;

  WorkerMain(Channel.Sent sent, WorkerPlan plan) {
    this.sent = sent;
    this.plan = plan;
  }

  @Override
  public void runChecked() throws Exception {
    Channel channel = sent.attach();
    boolean ownProcess = !Session.get().isGuest(); // and no thread of the pool's own
    plan.nesting.enter();
    if (ownProcess) {
      WorkerOutput.install(channel, plan.namedOutput);
    }
    try {
      new WorkerLoop(channel, plan, ownProcess).run();
    } finally {
      if (ownProcess) {
        WorkerOutput.finish();
      }
    }
  }
}
