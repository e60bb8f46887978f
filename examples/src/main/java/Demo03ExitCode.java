import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import multiprocessing.Multiprocessing;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import org.jspecify.annotations.NullMarked;

/** 03 exitcode: how a process ended, by return, exit, exception and signal. */
@NullMarked
public final class Demo03ExitCode {
  private static void exitError() {
    System.exit(1);
  }

  private static void exitOk() {}

  @SuppressWarnings("CheckReturnValue") // that a returned value is no exit code is what it shows
  private static int returnValue() {
    return 1;
  }

  private static void raises() {
    throw new RuntimeException("There was an error!");
  }

  private static void terminated() throws InterruptedException {
    Thread.sleep(3000);
  }

  public static void main(String[] args) throws InterruptedException {
    Map<String, SerializableRunnable> functions = new LinkedHashMap<>();
    functions.put("exit_error", () -> exitError());
    functions.put("exit_ok", () -> exitOk());
    functions.put("return_value", () -> returnValue());
    functions.put("raises", () -> raises());
    functions.put("terminated", () -> terminated());

    List<ChildProcess> jobs = new ArrayList<>();
    functions.forEach(
        (name, function) -> {
          System.out.println("Starting process for " + name);
          jobs.add(Multiprocessing.process().target(function).name(name).start());
        });

    jobs.getLast().terminate();

    for (ChildProcess job : jobs) {
      job.join();
      int exitCode = job.exitCode().orElseThrow();
      System.out.println("%15s.exitcode = %d".formatted(job.name(), exitCode));
    }
  }
}
