package multiprocessing.process;

import multiprocessing.internal.session.ForkHooks;
import org.jspecify.annotations.Nullable;

/**
 * What a program wants done around each fork of this process: by {@link StartMethod#FORK}, and in
 * the zygote of the {@linkplain ForkServers fork server}. The counterpart of Python's {@code
 * os.register_at_fork}.
 *
 * <p>A child that is forked has all objects of this process, but of its threads only the one that
 * forked. What another thread was about to do will never be done there, and a lock that it held
 * stays locked. So whoever has a thread, a lock or a connection that the child is to use takes hold
 * of it before, and lets go of it on both sides afterwards, or makes it anew in the child.
 *
 * <p>Threads that wait for a lock during the fork stay in its queue in the child, and whoever comes
 * to wait behind them is never woken. So a lock for which several threads may wait there, such as a
 * {@link java.util.concurrent.locks.ReentrantLock} or a monitor, is better made anew in the child.
 */
public final class ForkHandlers {
  private ForkHandlers() {}

  /**
   * Adds handlers, for good.
   *
   * @param before runs before each fork, in the thread that forks; those that were added last run
   *     first. If it fails, there is no fork, and its exception is what the start ends with
   * @param inParent runs in the parent after each fork, also if that failed, in the order in which
   *     they were added; if it fails, that is logged
   * @param inChild runs in the child before its task, in the order in which they were added; if it
   *     fails, that is logged
   */
  public static void add(
      @Nullable Runnable before, @Nullable Runnable inParent, @Nullable Runnable inChild) {
    ForkHooks.add(orNothing(before), orNothing(inParent), orNothing(inChild));
  }

  private static Runnable orNothing(@Nullable Runnable handler) {
    return handler == null ? ForkHandlers::doNothing : handler;
  }

  private static void doNothing() {}
}
