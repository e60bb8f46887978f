package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import multiprocessing.error.StartException;
import multiprocessing.process.ProcessOptions;
import multiprocessing.process.StartMethod;
import org.junit.jupiter.api.Test;

/** The pool's contract with workers that are fresh virtual machines. */
final class SpawnPoolTest extends PoolContract {
  SpawnPoolTest() {
    super(StartMethod.SPAWN);
  }

  @Test
  void workersThatCannotStartFailThePool() throws Exception {
    try (ProcessPool pool =
        builder(2)
            .options(
                ProcessOptions.builder()
                    .jvmOptions("-XX:+NoSuchOption")
                    .stderr(ProcessBuilder.Redirect.DISCARD)
                    .build())
            .build()) {
      Throwable thrown;
      try {
        thrown =
            assertThrows(ExecutionException.class, () -> pool.submit(() -> 1).get()).getCause();
      } catch (RejectedExecutionException e) {
        thrown = e.getCause();
      }
      assertInstanceOf(StartException.class, thrown);
    }
  }
}
