import multiprocessing.Multiprocessing;
import multiprocessing.logging.LogLevel;
import multiprocessing.process.ChildProcess;
import org.jspecify.annotations.NullMarked;

/** 04 log-to-stderr: what the library does, written to standard error. */
@NullMarked
public final class Demo04LogToStderr {
  private static void worker() {
    System.out.println("Doing some work");
  }

  public static void main(String[] args) throws InterruptedException {
    Multiprocessing.logToStderr(LogLevel.DEBUG);
    ChildProcess process = Multiprocessing.process(() -> worker());
    process.start();
    process.join();
  }
}
