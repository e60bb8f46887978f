import java.util.ArrayList;
import java.util.List;
import multiprocessing.Multiprocessing;
import multiprocessing.process.ChildProcess;
import multiprocessing.sync.Hold;
import multiprocessing.sync.ProcessCondition;
import org.jspecify.annotations.NullMarked;

/** 11 condition: a second stage that begins when the first has ended. */
@NullMarked
public final class Demo11Condition {
  /** Performs the first stage of work, then notifies stage 2 to continue. */
  private static void stage1(ProcessCondition condition) {
    String name = Multiprocessing.currentProcess().name();
    System.out.println("Starting " + name);
    try (Hold _ = condition.hold()) {
      System.out.println(name + " done and ready for stage 2");
      condition.signalAll();
    }
  }

  /** Waits for the condition telling us stage 1 is done. */
  @SuppressWarnings("WaitNotInLoop") // there are no spurious wake-ups, and one signal is meant
  private static void stage2(ProcessCondition condition) throws InterruptedException {
    String name = Multiprocessing.currentProcess().name();
    System.out.println("Starting " + name);
    try (Hold _ = condition.hold()) {
      condition.await();
      System.out.println(name + " running");
    }
  }

  public static void main(String[] args) throws InterruptedException {
    ProcessCondition condition = Multiprocessing.condition();
    ChildProcess s1 = Multiprocessing.process().name("s1").target(() -> stage1(condition)).build();
    List<ChildProcess> s2Clients = new ArrayList<>();
    for (int i = 1; i < 3; i++) {
      s2Clients.add(
          Multiprocessing.process()
              .name("stage_2[" + i + "]")
              .target(() -> stage2(condition))
              .build());
    }

    for (ChildProcess client : s2Clients) {
      client.start();
      Thread.sleep(1000);
    }
    s1.start();

    s1.join();
    for (ChildProcess client : s2Clients) {
      client.join();
    }
  }
}
