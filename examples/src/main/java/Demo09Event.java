import java.time.Duration;
import multiprocessing.Multiprocessing;
import multiprocessing.sync.ProcessEvent;
import org.jspecify.annotations.NullMarked;

/** 09 event: two processes wait for an event, one of them not for ever. */
@NullMarked
public final class Demo09Event {
  /** As Python writes it. */
  private static String python(boolean truth) {
    return truth ? "True" : "False";
  }

  /** Waits for the event to be set before doing anything. */
  private static void waitForEvent(ProcessEvent event) throws InterruptedException {
    System.out.println("wait_for_event: starting");
    event.await();
    System.out.println("wait_for_event: e.is_set()-> " + python(event.isSet()));
  }

  /** Waits so long, and then goes on. */
  private static void waitForEventTimeout(ProcessEvent event, Duration timeout)
      throws InterruptedException {
    System.out.println("wait_for_event_timeout: starting");
    boolean _ = event.await(timeout);
    System.out.println("wait_for_event_timeout: e.is_set()-> " + python(event.isSet()));
  }

  public static void main(String[] args) throws InterruptedException {
    ProcessEvent event = Multiprocessing.event();
    var _ = Multiprocessing.process().name("block").target(() -> waitForEvent(event)).start();
    var _ =
        Multiprocessing.process()
            .name("nonblock")
            .target(() -> waitForEventTimeout(event, Duration.ofSeconds(2)))
            .start();

    System.out.println("main: waiting before calling Event.set()");
    Thread.sleep(3000);
    event.set();
    System.out.println("main: event is set");
  }
}
