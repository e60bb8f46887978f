import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import multiprocessing.Multiprocessing;
import multiprocessing.manager.Manager;
import multiprocessing.manager.Namespace;
import multiprocessing.process.ChildProcess;
import multiprocessing.sync.ProcessEvent;
import org.jspecify.annotations.NullMarked;

/** 16 namespace-reassigned: its repair: what was changed is set again. */
@NullMarked
public final class Demo16NamespaceReassigned {
  @SuppressWarnings("unchecked") // it is what main has set
  private static List<String> myList(Namespace namespace) {
    return (List<String>) Objects.requireNonNull(namespace.get("my_list"));
  }

  private static void producer(Namespace namespace, ProcessEvent event) {
    List<String> copy = myList(namespace);
    copy.add("This is the value");
    namespace.set("my_list", copy); // attach it to the namespace again
    event.set();
  }

  private static void consumer(Namespace namespace, ProcessEvent event)
      throws InterruptedException {
    System.out.println("Before event: " + namespace.get("my_list"));
    event.await();
    System.out.println("After event : " + namespace.get("my_list"));
  }

  public static void main(String[] args) throws InterruptedException {
    try (Manager manager = Multiprocessing.manager()) {
      Namespace namespace = manager.namespace();
      namespace.set("my_list", new ArrayList<String>());

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
