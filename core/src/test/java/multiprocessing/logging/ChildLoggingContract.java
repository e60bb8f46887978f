package multiprocessing.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What children say, and how it comes to their parent, however they are started. */
@ProcessTest
abstract class ChildLoggingContract {
  final StartMethod method;
  final List<LogRecord> records = Collections.synchronizedList(new ArrayList<>());
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          String _ = record.getSourceClassName(); // which it finds out only while it is published
          records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  ChildLoggingContract(StartMethod method) {
    this.method = method;
  }

  @BeforeEach
  void listen() {
    Logging.logger().addHandler(handler);
  }

  @AfterEach
  void silence() {
    Logging.collectFromChildren(false);
    Logging.logger().removeHandler(handler);
    Logging.logger().setLevel(Level.OFF);
  }

  @Test
  @Proves({175, 176})
  void theLevelIsInherited() throws Exception {
    ProcessQueue<String> said = new ProcessQueue<>();
    for (Level level : List.of(LogLevel.ERROR, LogLevel.SUBWARNING, Level.OFF)) {
      Logging.logger().setLevel(level);
      Children.run(method, () -> said.put(Logging.logger().getLevel().getName()));
      assertEquals(level.getName(), said.take());
    }
  }

  final List<String> said(String process) {
    List<String> said = new ArrayList<>();
    for (LogRecord record : List.copyOf(records)) {
      boolean its =
          record instanceof ChildRecord child
              ? child.processName().equals(process)
              : method == StartMethod.IN_PROCESS;
      if (its) {
        said.add(LogLevel.nameOf(record.getLevel()) + " " + record.getMessage());
      }
    }
    return said;
  }

  @Test
  void whatAChildSaysFromItsBeginningToItsEndComesToTheParent() throws Exception {
    Logging.collectFromChildren(true).setLevel(LogLevel.DEBUG);
    ChildProcess child =
        ChildProcess.builder().startMethod(method).name("talker").target(() -> {}).start();
    assertEquals(0, Children.exitCode(child));
    List<String> expected =
        List.of(
            "INFO child process calling self.run()",
            "INFO process shutting down",
            "DEBUG running all \"atexit\" finalizers with priority >= 0",
            "DEBUG running the remaining \"atexit\" finalizers",
            "INFO process exiting with exitcode 0");
    Children.await(() -> said("talker").size() >= expected.size());
    assertEquals(expected, said("talker"));
  }

  @Test
  @Proves(177)
  void whatATaskSaysComesToTheParent() throws Exception {
    Logging.collectFromChildren(true).setLevel(LogLevel.WARNING);
    ChildProcess child =
        ChildProcess.builder()
            .startMethod(method)
            .name("talker")
            .target(() -> Logging.logger().log(Level.WARNING, "{0} of {1}", new Object[] {1, 2}))
            .start();
    assertEquals(0, Children.exitCode(child));
    Children.await(() -> !records.isEmpty());
    LogRecord record = records.getFirst();
    assertEquals(Level.WARNING, record.getLevel());
    if (record instanceof ChildRecord its) {
      assertEquals("1 of 2", its.getMessage());
      assertEquals("talker", its.processName());
      assertTrue(its.pid() != ProcessHandle.current().pid());
    } else { // the logger is the parent's own, or a copy of it
      assertEquals("{0} of {1}", record.getMessage());
      assertTrue(String.valueOf(record.getSourceClassName()).contains("ChildLoggingContract"));
    }
  }
}
