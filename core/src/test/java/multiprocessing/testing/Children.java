package multiprocessing.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.ProcessOptions;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;

/** Child processes as tests of shared objects need them. None of this has a time limit. */
public final class Children {
  /** The exit code of a child that was killed. */
  public static final int KILLED = -9;

  private Children() {}

  /** A child that is running. */
  public static ChildProcess start(
      StartMethod method, SerializableRunnable task, String... jvmOptions) {
    return ChildProcess.builder()
        .target(task)
        .startMethod(method)
        .options(ProcessOptions.builder().jvmOptions(jvmOptions).build())
        .start();
  }

  /** Waits for the end of a child. */
  public static int exitCode(ChildProcess child) throws InterruptedException {
    child.join();
    OptionalInt code = child.exitCode();
    child.close();
    return code.orElseThrow();
  }

  /** Waits for children whose tasks are to return. */
  public static void joinAll(ChildProcess... children) throws InterruptedException {
    for (ChildProcess child : children) {
      assertEquals(0, exitCode(child), "exit code of a child");
    }
  }

  /** Runs a task in a child to its end. */
  public static void run(StartMethod method, SerializableRunnable task)
      throws InterruptedException {
    joinAll(start(method, task));
  }

  /** Kills a child and waits until it is gone. */
  public static void kill(ChildProcess child) throws InterruptedException {
    child.kill();
    assertEquals(KILLED, exitCode(child));
  }

  /** Waits until something is so. */
  public static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(2);
    }
  }
}
