import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import multiprocessing.Multiprocessing;
import multiprocessing.process.ChildProcess;
import multiprocessing.queue.JoinableQueue;
import multiprocessing.queue.ProcessQueue;
import org.jspecify.annotations.NullMarked;

/** 08 joinable-queue: consumers, results, and a poison pill for each consumer. */
@NullMarked
public final class Demo08JoinableQueue {
  static final class Consumer extends ChildProcess {
    private final JoinableQueue<Optional<Task>> tasks;
    private final ProcessQueue<String> results;

    Consumer(JoinableQueue<Optional<Task>> tasks, ProcessQueue<String> results) {
      this.tasks = tasks;
      this.results = results;
    }

    @Override
    protected void run() throws InterruptedException {
      while (true) {
        Optional<Task> next = tasks.take();
        if (next.isEmpty()) {
          // Poison pill means shutdown. A BlockingQueue holds no null, so it is an empty Optional.
          System.out.println(name() + ": Exiting");
          tasks.taskDone();
          break;
        }
        System.out.println(name() + ": " + next.get());
        String answer = next.get().call();
        tasks.taskDone();
        results.put(answer);
      }
    }
  }

  record Task(int a, int b) implements Serializable {
    String call() throws InterruptedException {
      Thread.sleep(100); // pretend to take time to do the work
      return this + " = " + a * b;
    }

    @Override
    public String toString() {
      return a + " * " + b;
    }
  }

  public static void main(String[] args) throws InterruptedException {
    // Establish communication queues
    JoinableQueue<Optional<Task>> tasks = Multiprocessing.joinableQueue();
    ProcessQueue<String> results = Multiprocessing.queue();

    // Start consumers
    int consumerCount = Multiprocessing.cpuCount() * 2;
    System.out.println("Creating " + consumerCount + " consumers");
    List<Consumer> consumers = new ArrayList<>();
    for (int i = 0; i < consumerCount; i++) {
      consumers.add(new Consumer(tasks, results));
    }
    for (Consumer consumer : consumers) {
      consumer.start();
    }

    // Enqueue jobs
    int jobs = 10;
    for (int i = 0; i < jobs; i++) {
      tasks.put(Optional.of(new Task(i, i)));
    }

    // Add a poison pill for each consumer
    for (int i = 0; i < consumerCount; i++) {
      tasks.put(Optional.empty());
    }

    // Wait for all of the tasks to finish
    tasks.join();

    // Start printing results
    while (jobs > 0) {
      String result = results.take();
      System.out.println("Result: " + result);
      jobs--;
    }
  }
}
