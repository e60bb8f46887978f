package multiprocessing.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Fails a test, or a class, that leaves something behind: a child process, a file in {@code
 * /dev/shm}, an open descriptor.
 *
 * <p>A test is compared with what was there when its class was set up, and a class with what was
 * there before that: what {@code @BeforeAll} makes may live until {@code @AfterAll}.
 */
public final class LeakCheck
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  /** What the JVM opens when it first needs it, and keeps. */
  private static final List<String> KEPT_BY_THE_JVM =
      List.of(".*\\.(jar|jmod|jsa|so)", ".*/lib/modules", "/dev/u?random", "/(proc|sys)/.*");

  /** What the library keeps likewise: the tree's memory, and the bell of its supervisor. */
  private static final List<String> KEPT_BY_THE_LIBRARY =
      List.of("/memfd:multiprocessing \\(deleted\\)", "anon_inode:\\[eventfd\\]");

  private static final ExtensionContext.Namespace STORE =
      ExtensionContext.Namespace.create(LeakCheck.class);

  /** How long to wait for something to go, in milliseconds: a configuration parameter of JUnit. */
  static final String PATIENCE_PARAMETER = "multiprocessing.leak.patienceMillis";

  @Override
  public void beforeAll(ExtensionContext context) {
    remember(context);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    remember(context);
  }

  @Override
  public void afterEach(ExtensionContext context) throws InterruptedException {
    check(context);
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    check(context);
  }

  private static void remember(ExtensionContext context) {
    context.getStore(STORE).put(context.getUniqueId(), Footprint.take(kept(context)));
  }

  private static void check(ExtensionContext context) throws InterruptedException {
    Footprint before = context.getStore(STORE).get(context.getUniqueId(), Footprint.class);
    if (before == null) {
      return;
    }
    if (context.getExecutionException().isPresent()) {
      // One failure is enough; but the next test shall not find what this one left.
      before.killNewChildren();
      return;
    }
    int patienceMillis =
        context.getConfigurationParameter(PATIENCE_PARAMETER, Integer::valueOf).orElse(5_000);
    List<String> leaks = leaksAfterAWhile(before, kept(context), patienceMillis);
    if (!leaks.isEmpty()) {
      before.killNewChildren();
      throw new AssertionError(
          context.getDisplayName() + " left behind:\n  " + String.join("\n  ", leaks));
    }
  }

  /** Processes take a moment to go, and what a cleaner closes waits for the collector. */
  private static List<String> leaksAfterAWhile(
      Footprint before, List<Pattern> kept, int patienceMillis) throws InterruptedException {
    long start = System.nanoTime();
    List<String> leaks = Footprint.take(kept).beyond(before);
    while (!leaks.isEmpty() && System.nanoTime() - start < patienceMillis * 1_000_000L) {
      System.gc();
      Thread.sleep(20);
      leaks = Footprint.take(kept).beyond(before);
    }
    return leaks;
  }

  private static List<Pattern> kept(ExtensionContext context) {
    List<String> expressions = new ArrayList<>(KEPT_BY_THE_JVM);
    expressions.addAll(KEPT_BY_THE_LIBRARY);
    for (Optional<ExtensionContext> scope = Optional.of(context);
        scope.isPresent();
        scope = scope.get().getParent()) {
      AnnotationSupport.findAnnotation(scope.get().getElement(), MayOutlive.class)
          .ifPresent(allowed -> expressions.addAll(List.of(allowed.value())));
    }
    return expressions.stream().map(Pattern::compile).toList();
  }
}
