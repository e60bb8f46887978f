package multiprocessing.bench.work;

import java.nio.charset.StandardCharsets;
import java.util.List;
import multiprocessing.process.StartMethod;

/** The first start of a process in a program, over and over: each time in a fresh program. */
public final class FirstStart implements Work {
  private final StartMethod method;

  FirstStart(StartMethod method) {
    this.method = method;
  }

  @Override
  public long run(long count) throws Exception {
    long spent = 0;
    for (long i = 0; i < count; i++) {
      Process program =
          new ProcessBuilder(
                  List.of(
                      System.getProperty("java.home") + "/bin/java",
                      "--enable-native-access=ALL-UNNAMED",
                      "--sun-misc-unsafe-memory-access=allow",
                      "-cp",
                      System.getProperty("java.class.path"),
                      FirstStart.class.getName(),
                      method.name()))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String nanos =
          new String(program.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
      Work.check(program.waitFor(), 0);
      spent += Long.parseLong(nanos);
    }
    return spent;
  }

  /**
   * The fresh program.
   *
   * @param arguments the start method
   */
  public static void main(String[] arguments) throws InterruptedException {
    System.out.println(Start.once(StartMethod.valueOf(arguments[0])));
  }
}
