package multiprocessing.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.testing.ConcurrentMapTestSuiteBuilder;
import com.google.common.collect.testing.TestStringMapGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.MapFeature;
import java.util.Collections;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import junit.framework.TestResult;
import junit.framework.TestSuite;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;

/** A shared map under the suite of Guava for concurrent maps, of which no case is suppressed. */
@ProcessTest
final class SharedMapSuiteTest {
  private static final int FEWEST = 200;

  @Test
  void itPasses() {
    TestSuite suite =
        ConcurrentMapTestSuiteBuilder.using(
                new TestStringMapGenerator() {
                  @Override
                  protected Map<String, String> create(Map.Entry<String, String>[] entries) {
                    SharedMap<String, String> map = SharedMap.create(String.class, String.class);
                    for (Map.Entry<String, String> entry : entries) {
                      map.put(entry.getKey(), entry.getValue());
                    }
                    return map;
                  }
                })
            .named("shared map")
            .withFeatures(
                CollectionSize.ANY,
                MapFeature.GENERAL_PURPOSE,
                CollectionFeature.SUPPORTS_ITERATOR_REMOVE)
            .createTestSuite();
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
}
