import multiprocessing.Multiprocessing;
import multiprocessing.manager.Manager;
import multiprocessing.manager.Namespace;
import multiprocessing.process.ChildProcess;
import multiprocessing.sync.ProcessEvent;
import org.jspecify.annotations.NullMarked;

/** 14 namespace: a value that one process sets and another one reads. */
@NullMarked
public final class Demo14Namespace {
  private static void producer(Namespace namespace, ProcessEvent event) {
    namespace.set("value", "This is the value");
    event.set();
  }

  private static void consumer(Namespace namespace, ProcessEvent event)
      throws InterruptedException {
    try {
      System.out.println("Before event: " + namespace.get("value"));
    } catch (RuntimeException e) {
      System.out.println("Before event, error: " + e.getMessage());
    }
    event.await();
    System.out.println("After event: " + namespace.get("value"));
  }

  public static void main(String[] args) throws InterruptedException {
    try (Manager manager = Multiprocessing.manager()) {
      Namespace namespace = manager.namespace();
      ProcessEvent event = Multiprocessing.event();
      ChildProcess producer = Multiprocessing.process(() -> producer(namespace, event));
      ChildProcess consumer = Multiprocessing.process(() -> consumer(namespace, event));

      consumer.start();
      producer.start();

      consumer.join();
      producer.join();
    }
  }
}
