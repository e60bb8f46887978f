package multiprocessing.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.logging.LogRecord;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import org.junit.jupiter.api.Test;

/** What children say that have a log of their own, however they are started. */
abstract class RealChildLoggingContract extends ChildLoggingContract {
  RealChildLoggingContract(StartMethod method) {
    super(method);
  }

  @Test
  void whatWasCollectedIsWrittenUnderTheNameOfTheChild() throws Exception {
    Logging.collectFromChildren(true).setLevel(LogLevel.INFO);
    ChildProcess child =
        ChildProcess.builder().startMethod(method).name("talker").target(() -> {}).start();
    assertEquals(0, Children.exitCode(child));
    Children.await(() -> !said("talker").isEmpty());
    LogRecord first =
        records.stream().filter(ChildRecord.class::isInstance).findFirst().orElseThrow();
    StderrHandler writer = new StderrHandler();
    assertEquals(
        "[INFO/talker] child process calling self.run()" + System.lineSeparator(),
        writer.getFormatter().format(first));
  }
}
