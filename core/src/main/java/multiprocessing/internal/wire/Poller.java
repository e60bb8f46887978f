package multiprocessing.internal.wire;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.Guest;
import multiprocessing.internal.session.Finalizers;
import multiprocessing.internal.session.ForkHooks;
import org.jspecify.annotations.Nullable;

/**
 * Waits for descriptors in the place of threads that must not block in native code: virtual ones,
 * which would block their carrier, and those that sleep in a {@link java.nio.channels.Selector}.
 *
 * <p>One daemon thread for all of them. With nothing to wait for it sleeps in Java, for a process
 * that ends while a thread is in native code takes some 300 ms longer.
 */
final class Poller {
  private static @Nullable Poller instance;

  static {
    ForkHooks.addForgetting(Poller::forked);
  }

  private final Set<Watch> watches = new LinkedHashSet<>();
  private final int bell = Descriptors.bell();
  private boolean ending;

  /** What one who waits has asked for. */
  static final class Watch {
    private final int descriptor;
    private final short events;
    private final Runnable action;

    private Watch(int descriptor, short events, Runnable action) {
      this.descriptor = descriptor;
      this.events = events;
      this.action = action;
    }
  }

  private Poller() {}

  static synchronized Poller get() {
    Poller poller = instance;
    if (poller == null) {
      poller = new Poller();
      instance = poller;
      Thread.ofPlatform()
          .group(Guest.outerGroup())
          .daemon()
          .name("multiprocessing-poller")
          .start(poller::run);
      Finalizers.addAtHome(Finalizers.LAST, poller::end);
    }
    return poller;
  }

  /** This process is a fork of the one that had the poller: its thread is not here. */
  private static synchronized void forked() {
    if (instance != null) {
      Descriptors.close(instance.bell);
      instance = null;
    }
  }

  /** Runs an action, once and quickly, when a descriptor is ready or broken. */
  Watch watch(int descriptor, short events, Runnable action) {
    Watch watch = new Watch(descriptor, events, action);
    synchronized (watches) {
      watches.add(watch);
      watches.notifyAll();
    }
    Descriptors.ring(bell);
    return watch;
  }

  /** Forgets a watch, whether or not its action has run; soon nothing holds its descriptor. */
  void cancel(Watch watch) {
    if (take(watch)) {
      Descriptors.ring(bell); // a socket that is polled is not closed, whoever closes it
    }
  }

  private void end() {
    synchronized (watches) {
      ending = true;
      watches.notifyAll();
    }
    Descriptors.ring(bell);
  }

  private void run() {
    List<Watch> round = next();
    while (!round.isEmpty()) {
      int count = round.size();
      int[] descriptors = new int[count + 1];
      short[] events = new short[count + 1];
      for (int i = 0; i < count; i++) {
        descriptors[i] = round.get(i).descriptor;
        events[i] = round.get(i).events;
      }
      descriptors[count] = bell;
      events[count] = Descriptors.READABLE;
      boolean[] ready = Descriptors.await(descriptors, events, -1);
      if (ready[count]) {
        Descriptors.hush(bell);
      }
      for (int i = 0; i < count; i++) {
        if (ready[i] && take(round.get(i))) {
          round.get(i).action.run();
        }
      }
      round = next();
    }
  }

  private boolean take(Watch watch) {
    synchronized (watches) {
      return watches.remove(watch);
    }
  }

  /** What to wait for, once there is something; nothing if the process ends. */
  private List<Watch> next() {
    synchronized (watches) {
      while (watches.isEmpty() && !ending) {
        try {
          watches.wait();
        } catch (InterruptedException e) {
          // nobody has a reason to interrupt this thread
        }
      }
      return ending ? List.of() : new ArrayList<>(watches);
    }
  }
}
