package multiprocessing.manager;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Objects;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.MayOutlive;
import multiprocessing.testing.ProcessTest;

/** What suites of managers have in common. */
@ProcessTest
@MayOutlive("socket:.*") // a process keeps idle connections to the manager for later calls
abstract class ManagerSuite {
  final StartMethod method;

  ManagerSuite(StartMethod method) {
    this.method = method;
  }

  final Manager.Builder builder() {
    return Manager.builder().startMethod(method);
  }

  final void inChild(SerializableRunnable task) throws InterruptedException {
    Children.run(method, task);
  }

  static ChildProcess process(Manager manager) {
    return Objects.requireNonNull(manager.process());
  }

  static void end(Manager manager) {
    manager.shutdown();
    ChildProcess process = process(manager);
    assertFalse(process.isAlive());
    process.close();
  }
}
