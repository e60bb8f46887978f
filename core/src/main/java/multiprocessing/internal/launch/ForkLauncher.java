package multiprocessing.internal.launch;

import java.lang.ref.Reference;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.StartException;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.ForkHelper;
import multiprocessing.internal.os.JvmFork;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.PidFd;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.session.ForkHooks;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.wire.FrameSocket;
import org.jspecify.annotations.Nullable;

/**
 * Starts a child as a fork of this very process: its heap is the child's, and only the calling
 * thread goes on there, with the task.
 */
public final class ForkLauncher implements Launcher {
  private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final long HOLD_MILLIS = TimeUnit.SECONDS.toMillis(30);

  /** One fork at a time; in the child it is the calling thread that holds it. */
  private static final Object ONE_AT_A_TIME = new Object();

  /** Why this process cannot be forked, and what to do about it; null if it can. */
  public static @Nullable String obstacle() {
    return ForkHelper.obstacle();
  }

  @Override
  public Child launch(LaunchRequest request) {
    if (!request.isForAnyMachine()) {
      throw new StartException(
          "cannot start "
              + request.birth.name()
              + ": a fork is a copy of this process and cannot have options for its virtual"
              + " machine, a heap limit, an environment or a directory of its own; use the start"
              + " method SPAWN");
    }
    String obstacle = obstacle();
    if (obstacle != null) {
      throw new StartException("cannot start " + request.birth.name() + " as a fork: " + obstacle);
    }
    return Thread.currentThread().isVirtual() ? onPlatformThread(request) : fork(request);
  }

  /** What is mounted on a carrier cannot go on in the child, so a thread of its own forks. */
  private static Child onPlatformThread(LaunchRequest request) {
    CompletableFuture<Child> started = new CompletableFuture<>();
    Thread.ofPlatform()
        .name(Thread.currentThread().getName())
        .daemon()
        .start(
            () -> {
              try {
                started.complete(fork(request));
              } catch (Throwable t) {
                started.completeExceptionally(t);
              }
            });
    try {
      return started.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static Child fork(LaunchRequest request) {
    synchronized (ONE_AT_A_TIME) {
      Supervisor.get().requireRunning();
      ForkHooks.Fork hooks = new ForkHooks.Fork();
      hooks.before();
      List<SharedBlock> blocks = SharedBlock.exportAll();
      try (Assignment.Draft assignment = new Assignment.Draft(request, false)) {
        Forked forked = fork(request, blocks, hooks);
        assign(forked.pid, forked.control, request, assignment);
        return Supervisor.get().adopt(forked.pid, request, forked.control);
      } catch (OsException e) {
        throw request.refused(e);
      } finally {
        Reference.reachabilityFence(blocks); // by now the child holds them, too
      }
    }
  }

  /** A fork that is not watched over yet. */
  private record Forked(long pid, FrameSocket control) {}

  private static Forked fork(
      LaunchRequest request, List<SharedBlock> blocks, ForkHooks.Fork hooks) {
    int[] ends = UnixSocket.pair();
    boolean forked = false;
    try {
      TaskRunner.flush();
      long pid = JvmFork.forkCaller(BOUND_NANOS);
      if (pid == 0) {
        Descriptors.close(ends[0]);
        ForkedCopy.live(new FrameSocket(ends[1]), request, blocks, hooks);
      }
      forked = true;
      return new Forked(pid, new FrameSocket(ends[0]));
    } finally {
      hooks.inParent();
      Descriptors.close(ends[1]);
      if (!forked) {
        Descriptors.close(ends[0]);
      }
    }
  }

  /** Waits until the child has its own hold on what is shared, and lets it begin. */
  private static void assign(
      long pid, FrameSocket control, LaunchRequest request, Assignment.Draft assignment) {
    boolean settled = false;
    try {
      boolean inTime = Descriptors.await(new int[] {control.descriptor()}, HOLD_MILLIS)[0];
      if (!inTime) {
        throw new StartException(
            request.birth.name() + " was forked, but did not come up in " + HOLD_MILLIS + " ms");
      }
      FrameSocket.Frame _ = control.receive(); // if it has died already, that is its exit code
      request.applyToForked(pid);
      boolean _ = assignment.send(control);
      settled = true;
    } finally {
      if (!settled) {
        control.close();
        PidFd.abandon(pid);
      }
    }
  }
}
