package multiprocessing.process;

import java.lang.ref.Cleaner;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import multiprocessing.internal.session.Finalizers;
import multiprocessing.internal.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * Something to be done once: when an object is no longer in use, when somebody says so, or at the
 * end of this process, whatever comes first. The counterpart of {@code
 * multiprocessing.util.Finalize} and, with {@link #atExit(Runnable)}, of {@code atexit}.
 *
 * {@snippet :
 * Finalizer.atExit(() -> System.out.println("the end of " + ProcessInfo.current().name()));
 * }
 *
 * <p>At the end of a process those of priority 0 and more run first, higher ones before lower ones,
 * and among equals the last one first. Then the daemons among its children are terminated and the
 * others waited for, and then the finalizers of negative priority run. A process that is killed, or
 * halted, runs none.
 *
 * <h2>Sharing</h2>
 *
 * Belongs to the process that made it. In a fork of that process it does nothing.
 *
 * <h2>Memory effects</h2>
 *
 * What was done before it was made happens-before its action.
 *
 * <h2>If a process dies</h2>
 *
 * A process that is killed takes its finalizers with it.
 *
 * <h2>Cost</h2>
 *
 * An object, and an entry in a list as long as it is not done.
 */
public final class Finalizer {
  private static final Cleaner CLEANER = Cleaner.create();

  private final AtomicReference<@Nullable Runnable> action;
  private final Session home = Session.home();
  private Finalizers.@Nullable Finalizer atExit;

  private Finalizer(Runnable action) {
    this.action = new AtomicReference<>(Objects.requireNonNull(action));
  }

  /**
   * Has something done at the end of this process, with priority 0.
   *
   * @param action what to do; what it throws is logged
   * @return what can take it back, or do it at once
   */
  public static Finalizer atExit(Runnable action) {
    return atExit(0, action);
  }

  /**
   * Has something done at the end of this process.
   *
   * @param priority when: 0 and more before the children of this process are ended, less than 0
   *     afterwards; higher ones first
   * @param action what to do; what it throws is logged
   * @return what can take it back, or do it at once
   */
  public static Finalizer atExit(int priority, Runnable action) {
    Finalizer finalizer = new Finalizer(action);
    finalizer.register(priority);
    return finalizer;
  }

  /**
   * Has something done when an object is no longer in use; not at the end of this process.
   *
   * @param referent the object
   * @param action what to do; must not refer to the object
   * @return what can take it back, or do it at once
   */
  public static Finalizer of(Object referent, Runnable action) {
    Finalizer finalizer = new Finalizer(action);
    Cleaner.Cleanable _ = CLEANER.register(referent, finalizer::run);
    return finalizer;
  }

  /**
   * Has something done when an object is no longer in use, and at the end of this process at the
   * latest.
   *
   * @param referent the object
   * @param priority when, at the end: see {@link #atExit(int, Runnable)}
   * @param action what to do; must not refer to the object
   * @return what can take it back, or do it at once
   */
  public static Finalizer of(Object referent, int priority, Runnable action) {
    Finalizer finalizer = of(referent, action);
    finalizer.register(priority);
    return finalizer;
  }

  private void register(int priority) {
    atExit = Finalizers.add(priority, this::run);
  }

  /**
   * Does it now, unless it is done or was taken back.
   *
   * @return whether this call did it
   */
  public boolean run() {
    Runnable due = take();
    if (due == null || isForked()) {
      return false;
    }
    due.run();
    return true;
  }

  /** Whether this process is a fork of the one that made this. */
  private boolean isForked() {
    return home != Session.home();
  }

  /**
   * Takes it back.
   *
   * @return false if it is done, or was taken back before
   */
  public boolean cancel() {
    return take() != null;
  }

  private @Nullable Runnable take() {
    Runnable due = action.getAndSet(null);
    Finalizers.Finalizer entry = atExit;
    if (due != null && entry != null) {
      boolean _ = entry.cancel();
    }
    return due;
  }

  /** Returns whether it is still to be done. */
  public boolean isActive() {
    return action.get() != null;
  }
}
