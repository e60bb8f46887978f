package multiprocessing.queue;

import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;

/** What suites of queues have in common. */
@ProcessTest
@Deadline(seconds = 40)
abstract class QueueSuite {
  final StartMethod method;

  QueueSuite(StartMethod method) {
    this.method = method;
  }

  final ChildProcess start(SerializableRunnable task) {
    return Children.start(method, task);
  }
}
