package multiprocessing.bench.work;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

/** Starts a JVM by hand with a program that does nothing, and waits: what no child can beat. */
public final class BareMachine implements Work {
  @Override
  public long run(long count) throws Exception {
    ProcessBuilder command =
        new ProcessBuilder(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Xshare:auto",
                "-cp",
                place(),
                BareMachine.class.getName()));
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      Work.check(command.start().waitFor(), 0);
    }
    return System.nanoTime() - start;
  }

  /** Where this class is: a class path of one entry is not searched. */
  private static String place() throws URISyntaxException {
    return Path.of(BareMachine.class.getProtectionDomain().getCodeSource().getLocation().toURI())
        .toString();
  }

  /**
   * The program.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {}
}
