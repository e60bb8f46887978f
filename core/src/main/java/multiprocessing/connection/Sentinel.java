package multiprocessing.connection;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * Something that happens once, such as the end of a process, for {@link Wait#any}. The counterpart
 * of {@code Process.sentinel}.
 *
 * <h2>Sharing</h2>
 *
 * Belongs to the process that made it, and does not travel.
 *
 * <h2>Memory effects</h2>
 *
 * Those of the stage that it was made of.
 *
 * <h2>If a process dies</h2>
 *
 * That is what a process's sentinel becomes ready by.
 *
 * <h2>Cost</h2>
 *
 * An object; nothing of the operating system.
 */
public final class Sentinel {
  private final BooleanSupplier happened;
  private final Set<Runnable> waiters = new LinkedHashSet<>();
  private volatile boolean ready;

  /**
   * Creates a sentinel.
   *
   * @param happened whether it has happened; asked where the stage might not say so yet
   * @param stage completes, in whatever way, when it happens
   */
  public Sentinel(BooleanSupplier happened, CompletionStage<?> stage) {
    this.happened = Objects.requireNonNull(happened);
    CompletionStage<?> _ = stage.whenComplete((result, failure) -> become());
  }

  private void become() {
    List<Runnable> all;
    synchronized (waiters) {
      ready = true;
      all = List.copyOf(waiters);
      waiters.clear();
    }
    all.forEach(Runnable::run);
  }

  /** Returns whether it has happened. */
  public boolean isReady() {
    return ready || happened.getAsBoolean();
  }

  /** Has an action run when it happens, at once if it has; to be taken back by the same object. */
  void addWaiter(Runnable action) {
    synchronized (waiters) {
      if (!ready) {
        waiters.add(action);
        return;
      }
    }
    action.run();
  }

  void removeWaiter(Runnable action) {
    synchronized (waiters) {
      waiters.remove(action);
    }
  }

  @Override
  public String toString() {
    return "Sentinel[" + (isReady() ? "ready" : "not ready") + "]";
  }
}
