package multiprocessing.testing;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Ends a test that hangs: prints the threads of this JVM and of every process below it, kills those
 * processes and fails the test.
 *
 * <p>A test and the methods that set it up run on one thread of their own, so that the build goes
 * on even when that thread is stuck in native code and heeds no interrupt.
 */
public final class Watchdog implements InvocationInterceptor {
  private static final ExtensionContext.Namespace STORE =
      ExtensionContext.Namespace.create(Watchdog.class);
  private static final long GRACE_SECONDS = 3;

  /** A thread for one test, or for the set-up of one class. */
  private static final class Runner implements AutoCloseable {
    private final Thread.Builder factory = Thread.ofPlatform().daemon();
    private @Nullable Thread thread;
    private ExecutorService executor;

    Runner(String name) {
      factory.name(name);
      executor = newExecutor();
    }

    private ExecutorService newExecutor() {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      return Executors.newSingleThreadExecutor(
          task -> {
            Thread created = factory.unstarted(task);
            created.setContextClassLoader(loader);
            thread = created;
            return created;
          });
    }

    /** Gives up the thread, which may be stuck; what comes next gets another one. */
    void abandon() {
      executor.shutdownNow();
      executor = newExecutor();
    }

    StackTraceElement[] stack() {
      return thread == null ? new StackTraceElement[0] : thread.getStackTrace();
    }

    @Override
    public void close() {
      executor.shutdownNow();
    }
  }

  private static <T extends @Nullable Object> T guard(
      Invocation<T> invocation, ExtensionContext context) throws Throwable {
    // Keyed by the context, for a store also finds what an outer context has under the same key.
    Runner runner =
        context
            .getStore(STORE)
            .computeIfAbsent(
                context.getUniqueId(),
                key -> new Runner("test " + context.getDisplayName()),
                Runner.class);
    CompletableFuture<T> outcome = new CompletableFuture<>();
    runner.executor.execute(
        () -> {
          try {
            outcome.complete(invocation.proceed());
          } catch (Throwable e) {
            outcome.completeExceptionally(e);
          }
        });
    int seconds = seconds(context);
    try {
      return outcome.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw cause(e);
    } catch (TimeoutException e) {
      throw bite(
          context.getDisplayName() + " did not end within " + seconds + " s", runner, outcome);
    }
  }

  private static Throwable cause(ExecutionException e) {
    return e.getCause() == null ? e : e.getCause();
  }

  private static AssertionError bite(String what, Runner runner, CompletableFuture<?> outcome)
      throws InterruptedException {
    AssertionError failure = new AssertionError(what);
    failure.setStackTrace(runner.stack());
    List<ProcessHandle> descendants = ProcessHandle.current().descendants().toList();

    System.err.println("WATCHDOG: " + what);
    ThreadDump.print(ProcessHandle.current(), System.err);
    descendants.forEach(each -> ThreadDump.print(each, System.err));

    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    runner.abandon(); // interrupts
    try {
      outcome.get(GRACE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      failure.addSuppressed(cause(e));
    } catch (TimeoutException e) {
      failure.addSuppressed(new AssertionError("its thread heeds no interrupt and was given up"));
    }
    return failure;
  }

  private static int seconds(ExtensionContext context) {
    Optional<ExtensionContext> scope = Optional.of(context);
    while (scope.isPresent()) {
      Optional<AnnotatedElement> element = scope.get().getElement();
      Optional<Deadline> deadline = AnnotationSupport.findAnnotation(element, Deadline.class);
      if (deadline.isPresent()) {
        return deadline.get().seconds();
      }
      scope = scope.get().getParent();
    }
    return Deadline.DEFAULT_SECONDS;
  }

  @Override
  public void interceptBeforeAllMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    guard(invocation, context);
  }

  @Override
  public void interceptBeforeEachMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    guard(invocation, context);
  }

  @Override
  public void interceptTestMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    guard(invocation, context);
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    guard(invocation, context);
  }

  @Override
  public <T extends @Nullable Object> T interceptTestFactoryMethod(
      Invocation<T> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    return guard(invocation, context);
  }

  @Override
  public void interceptDynamicTest(
      Invocation<@Nullable Void> invocation,
      DynamicTestInvocationContext test,
      ExtensionContext context)
      throws Throwable {
    guard(invocation, context);
  }

  @Override
  public void interceptAfterEachMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    guard(invocation, context);
  }

  @Override
  public void interceptAfterAllMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    guard(invocation, context);
  }
}
