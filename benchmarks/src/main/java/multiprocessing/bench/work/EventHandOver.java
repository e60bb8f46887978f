package multiprocessing.bench.work;

import multiprocessing.process.ChildProcess;
import multiprocessing.sync.ProcessEvent;

/** Sets an event that a child waits for, and waits for the one that the child sets in answer. */
final class EventHandOver implements Work {
  private final ProcessEvent there = new ProcessEvent();
  private final ProcessEvent back = new ProcessEvent();

  EventHandOver() {
    ProcessEvent there = this.there;
    ProcessEvent back = this.back;
    ChildProcess.builder().target(() -> answer(there, back)).daemon(true).start();
  }

  private static void answer(ProcessEvent there, ProcessEvent back) throws InterruptedException {
    while (true) {
      there.await();
      there.clear();
      back.set();
    }
  }

  @Override
  public long run(long count) throws InterruptedException {
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      there.set();
      back.await();
      back.clear();
    }
    long spent = System.nanoTime() - start;
    Work.check(there.isSet() ? 1 : 0, 0);
    return spent;
  }
}
