import multiprocessing.Multiprocessing;
import multiprocessing.process.ChildProcess;
import org.jspecify.annotations.NullMarked;

/** 02 worker-processes: the same with processes in the place of threads. */
@NullMarked
public final class Demo02WorkerProcesses {
  private static void worker(int number) {
    System.out.println("Worker: " + number);
  }

  public static void main(String[] args) {
    for (int i = 0; i < 5; i++) {
      int number = i;
      ChildProcess process = Multiprocessing.process(() -> worker(number));
      process.start();
    }
  }
}
