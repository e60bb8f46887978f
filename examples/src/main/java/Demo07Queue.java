import java.io.Serializable;
import multiprocessing.Multiprocessing;
import multiprocessing.process.ChildProcess;
import multiprocessing.queue.ProcessQueue;
import org.jspecify.annotations.NullMarked;

/** 07 queue: an object sent to a process through a queue. */
@NullMarked
public final class Demo07Queue {
  record MyFancyClass(String name) implements Serializable {
    void doSomething() {
      String processName = Multiprocessing.currentProcess().name();
      System.out.println("Doing something fancy in " + processName + " for " + name + "!");
    }
  }

  private static void worker(ProcessQueue<MyFancyClass> queue) throws InterruptedException {
    MyFancyClass object = queue.take();
    object.doSomething();
  }

  public static void main(String[] args) throws InterruptedException {
    ProcessQueue<MyFancyClass> queue = Multiprocessing.queue();

    ChildProcess process = Multiprocessing.process(() -> worker(queue));
    process.start();

    queue.put(new MyFancyClass("Fancy Dan"));

    // Wait for the worker to finish; there is no feeder thread to wait for.
    process.join();
    queue.close();
  }
}
