package multiprocessing.internal.launch;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import multiprocessing.error.StartException;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.ForkHelper;
import multiprocessing.internal.os.JvmFork;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.session.ForkHooks;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.shm.Shipment;
import multiprocessing.internal.shm.TreeMemory;
import multiprocessing.internal.wire.FrameSocket;
import org.jspecify.annotations.Nullable;

/**
 * Starts a child as a fork of this very process: its heap is the child's, and only the calling
 * thread goes on there, with the task.
 */
public final class ForkLauncher implements Launcher {
  private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(10);

  /**
   * How long to wait for a child to have passed {@link ForkProbe}, before another one is forked.
   */
  private static final List<Long> PATIENCE_SECONDS = List.of(5L, 15L, 30L);

  /** One fork at a time; a child has one of its own, which nobody holds. */
  private static volatile ReentrantLock oneAtATime = new ReentrantLock();

  /** Why this process cannot be forked, and what to do about it; null if it can. */
  public static @Nullable String obstacle() {
    return ForkHelper.obstacle();
  }

  private static @Nullable String momentaryObstacle() {
    return FlightRecordings.isOneRunning()
        ? "a recording of the flight recorder (JFR) is running, whose file both processes would"
            + " write; stop it, or use another start method"
        : obstacle();
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
    String obstacle = momentaryObstacle();
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

  static {
    ForkedCopy.prepare();
  }

  private static Child fork(LaunchRequest request) {
    ReentrantLock lock = oneAtATime;
    lock.lock();
    try {
      Supervisor.get().requireRunning();
      try (Assignment.Draft assignment = new Assignment.Draft(request, false)) {
        Forked forked = forkSoundly(request);
        assign(forked, request, assignment);
        return Supervisor.get().adopt(forked.pid, request, forked.control);
      } catch (OsException e) {
        throw request.refused(e);
      }
    } finally {
      lock.unlock();
    }
  }

  /** A child that says that it is sound. One that does not is ended, and another one is forked. */
  private static Forked forkSoundly(LaunchRequest request) {
    TreeMemory _ = TreeMemory.get(); // a child that is made before it would have one of its own
    for (long seconds : PATIENCE_SECONDS) {
      ForkHooks.Fork hooks = new ForkHooks.Fork();
      hooks.before();
      List<SharedBlock> blocks = SharedBlock.known();
      try (Shipment _ = load(blocks, hooks)) {
        Forked forked = fork(request, blocks, hooks);
        if (isUp(forked, seconds)) {
          return forked; // by now the child holds them, too
        }
        forked.abandon();
      }
      Log.info("a fork that did not come up in " + seconds + " s was ended");
    }
    throw new StartException(
        request.birth.name()
            + " was forked "
            + PATIENCE_SECONDS.size()
            + " times, but never came up in "
            + PATIENCE_SECONDS
            + " s; fork when other threads do less, or use another start method");
  }

  /** There may be no room to note what the child is to hold: then there is no fork. */
  private static Shipment load(List<SharedBlock> blocks, ForkHooks.Fork hooks) {
    boolean loaded = false;
    try {
      Shipment shipment = Shipment.of(blocks);
      loaded = true;
      return shipment;
    } finally {
      if (!loaded) {
        hooks.inParent();
      }
    }
  }

  /** Whether the child has said something, or has died: then that is its exit code. */
  private static boolean isUp(Forked forked, long seconds) {
    try {
      int[] descriptors = {forked.control.descriptor()};
      boolean isUp = Descriptors.await(descriptors, TimeUnit.SECONDS.toMillis(seconds))[0];
      if (isUp) {
        FrameSocket.Frame _ = forked.control.receive();
      }
      return isUp;
    } catch (RuntimeException e) {
      forked.abandon();
      throw e;
    }
  }

  /** A fork that is not watched over yet. */
  private record Forked(long pid, FrameSocket control) {
    void abandon() {
      control.close();
      Supervisor.abandon(pid);
    }
  }

  private static Forked fork(
      LaunchRequest request, List<SharedBlock> blocks, ForkHooks.Fork hooks) {
    int[] ends = UnixSocket.pair();
    boolean forked = false;
    try {
      TaskRunner.flush();
      SharedBlock.holdBack();
      long pid = JvmFork.forkCaller(BOUND_NANOS);
      if (pid == 0) {
        Descriptors.close(ends[0]);
        oneAtATime = new ReentrantLock(); // this thread never gives the other one back
        ForkedCopy.live(new FrameSocket(ends[1]), request, blocks, hooks);
      }
      forked = true;
      return new Forked(pid, new FrameSocket(ends[0]));
    } finally {
      SharedBlock.goOn();
      hooks.inParent();
      Descriptors.close(ends[1]);
      if (!forked) {
        Descriptors.close(ends[0]);
      }
    }
  }

  /** Lets the child begin. */
  private static void assign(Forked forked, LaunchRequest request, Assignment.Draft assignment) {
    boolean settled = false;
    try {
      request.applyToForked(forked.pid);
      boolean _ = assignment.send(forked.control);
      settled = true;
    } finally {
      if (!settled) {
        forked.abandon();
      }
    }
  }
}
