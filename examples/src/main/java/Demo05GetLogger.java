import java.util.logging.Logger;
import multiprocessing.Multiprocessing;
import multiprocessing.logging.LogLevel;
import multiprocessing.process.ChildProcess;
import org.jspecify.annotations.NullMarked;

/** 05 get-logger: the level of the library's logger, changed. */
@NullMarked
public final class Demo05GetLogger {
  private static void worker() {
    System.out.println("Doing some work");
  }

  public static void main(String[] args) throws InterruptedException {
    Multiprocessing.logToStderr();
    Logger logger = Multiprocessing.logger();
    logger.setLevel(LogLevel.INFO);
    ChildProcess process = Multiprocessing.process(() -> worker());
    process.start();
    process.join();
  }
}
