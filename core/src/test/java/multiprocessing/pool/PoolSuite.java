package multiprocessing.pool;

import java.util.List;
import java.util.stream.IntStream;
import multiprocessing.Multiprocessing;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.ProcessTest;

/** What suites of pools have in common. */
@ProcessTest
abstract class PoolSuite {
  private final StartMethod method;

  PoolSuite(StartMethod method) {
    this.method = method;
  }

  final StartMethod method() {
    return method;
  }

  final ProcessPool pool(int processes) {
    return builder(processes).build();
  }

  final ProcessPool.Builder builder(int processes) {
    return Multiprocessing.context(method).poolBuilder().processes(processes);
  }

  static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  static long pid() {
    return Multiprocessing.currentProcess().pid().orElseThrow();
  }
}
