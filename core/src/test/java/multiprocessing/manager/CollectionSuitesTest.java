package multiprocessing.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.testing.ListTestSuiteBuilder;
import com.google.common.collect.testing.MapTestSuiteBuilder;
import com.google.common.collect.testing.QueueTestSuiteBuilder;
import com.google.common.collect.testing.SetTestSuiteBuilder;
import com.google.common.collect.testing.TestStringListGenerator;
import com.google.common.collect.testing.TestStringMapGenerator;
import com.google.common.collect.testing.TestStringQueueGenerator;
import com.google.common.collect.testing.TestStringSetGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.ListFeature;
import com.google.common.collect.testing.features.MapFeature;
import com.google.common.collect.testing.features.SetFeature;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import junit.framework.TestResult;
import junit.framework.TestSuite;
import multiprocessing.testing.MayOutlive;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The collections of a manager under the suites of Guava, which test the JDK's interfaces. No case
 * of theirs is suppressed; the features say that nothing is null, and that a map is not asked for
 * null either.
 */
@ProcessTest
@MayOutlive("socket:.*") // this process keeps idle connections to the manager for later calls
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CollectionSuitesTest {
  private static final int FEWEST = 200;

  private final Manager manager = Manager.start();

  @AfterAll
  void shutDown() {
    manager.shutdown();
  }

  private static void pass(TestSuite suite) {
    TestResult result = new TestResult();
    suite.run(result);
    String failed =
        Stream.of(result.failures(), result.errors())
            .flatMap(each -> Collections.list(each).stream())
            .map(each -> each.failedTest() + "\n" + each.trace())
            .collect(Collectors.joining("\n"));
    assertEquals("", failed);
    assertTrue(result.runCount() >= FEWEST, () -> "tests: " + result.runCount());
  }

  @Test
  void listsPass() {
    pass(
        ListTestSuiteBuilder.using(
                new TestStringListGenerator() {
                  @Override
                  protected List<String> create(String[] elements) {
                    return manager.list(List.of(elements));
                  }
                })
            .named("list")
            .withFeatures(
                CollectionSize.ANY,
                ListFeature.GENERAL_PURPOSE,
                CollectionFeature.ALLOWS_NULL_QUERIES)
            .createTestSuite());
  }

  @Test
  void arraysPass() {
    pass(
        ListTestSuiteBuilder.using(
                new TestStringListGenerator() {
                  @Override
                  protected List<String> create(String[] elements) {
                    return manager.array(List.of(elements));
                  }
                })
            .named("array")
            .withFeatures(
                CollectionSize.ANY, ListFeature.SUPPORTS_SET, CollectionFeature.ALLOWS_NULL_QUERIES)
            .createTestSuite());
  }

  @Test
  void setsPass() {
    pass(
        SetTestSuiteBuilder.using(
                new TestStringSetGenerator() {
                  @Override
                  protected Set<String> create(String[] elements) {
                    return manager.set(List.of(elements));
                  }
                })
            .named("set")
            .withFeatures(
                CollectionSize.ANY,
                SetFeature.GENERAL_PURPOSE,
                CollectionFeature.KNOWN_ORDER,
                CollectionFeature.ALLOWS_NULL_QUERIES)
            .createTestSuite());
  }

  @Test
  void mapsPass() {
    pass(
        MapTestSuiteBuilder.using(
                new TestStringMapGenerator() {
                  @Override
                  protected Map<String, String> create(Map.Entry<String, String>[] entries) {
                    Map<String, String> content = new LinkedHashMap<>();
                    for (Map.Entry<String, String> entry : entries) {
                      content.put(entry.getKey(), entry.getValue());
                    }
                    return manager.map(content);
                  }
                })
            .named("map")
            .withFeatures(
                CollectionSize.ANY,
                MapFeature.GENERAL_PURPOSE,
                CollectionFeature.KNOWN_ORDER,
                CollectionFeature.SUPPORTS_ITERATOR_REMOVE)
            .createTestSuite());
  }

  @Test
  void queuesPass() {
    pass(
        QueueTestSuiteBuilder.using(
                new TestStringQueueGenerator() {
                  @Override
                  protected Queue<String> create(String[] elements) {
                    ManagedQueue<String> queue = manager.queue();
                    queue.addAll(List.of(elements));
                    return queue;
                  }
                })
            .named("queue")
            .withFeatures(
                CollectionSize.ANY,
                CollectionFeature.GENERAL_PURPOSE,
                CollectionFeature.KNOWN_ORDER,
                CollectionFeature.ALLOWS_NULL_QUERIES)
            .createTestSuite());
  }
}
