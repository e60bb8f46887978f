import java.io.Serializable;
import multiprocessing.Context;
import multiprocessing.Multiprocessing;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.NullMarked;

/** 19 start-methods: what a child inherits from its parent, and what it does not. */
@NullMarked
public final class Demo19StartMethods {
  private static String configuration = "the default";

  record Config(String text) implements Serializable {}

  private static void report(StartMethod method, Config captured) {
    System.out.println(method + ": the static field says '" + configuration + "'");
    System.out.println(method + ": the captured object says '" + captured.text() + "'");
    System.out.println(method + ": the system property says '" + System.getProperty("demo") + "'");
  }

  public static void main(String[] args) throws InterruptedException {
    // As if it had been read from a file before the first child is started.
    configuration = "read by the parent";
    System.setProperty("demo", "set by the parent");
    Config config = new Config(configuration);

    for (StartMethod method : Multiprocessing.startMethods()) {
      Context context = Multiprocessing.context(method);
      ChildProcess child = context.process(() -> report(method, config));
      child.start();
      child.join();
    }
  }
}
