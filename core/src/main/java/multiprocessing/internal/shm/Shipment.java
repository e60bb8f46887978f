package multiprocessing.internal.shm;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import multiprocessing.internal.os.CrashPoint;
import org.jspecify.annotations.Nullable;

/**
 * The blocks whose handles travel to a child with its task: this process holds them for the child
 * until that has ended. So they are there when it takes its task, also if everybody else has let go
 * of them by then, and they do not stay if it dies before that. The same for what a fork takes
 * along, until that holds it itself.
 */
public final class Shipment implements AutoCloseable {
  // Inherited, since what is nested deeply is encoded by a thread of its own.
  private static final InheritableThreadLocal<@Nullable Shipment> LOADING =
      new InheritableThreadLocal<>();

  private final Map<SharedBlock.Handle, Long> entries = new HashMap<>();
  private final @Nullable Shipment outer = LOADING.get();
  private boolean loading = true;
  private boolean departed;

  private Shipment() {}

  /** Begins to hold what this thread encodes. */
  public static Shipment load() {
    Shipment shipment = new Shipment();
    LOADING.set(shipment);
    return shipment;
  }

  /** Begins to hold what a fork of this process is to hold. */
  public static Shipment of(List<SharedBlock> blocks) {
    Shipment shipment = new Shipment();
    boolean whole = false;
    try {
      for (SharedBlock block : blocks) {
        shipment.hold(block.handle());
      }
      whole = true;
    } finally {
      if (!whole) {
        shipment.end();
      }
    }
    CrashPoint.at("estate.shipped");
    return shipment;
  }

  /** A handle is being encoded. */
  static void add(SharedBlock.Handle handle) {
    Shipment shipment = LOADING.get();
    if (shipment != null) {
      shipment.hold(handle);
    }
  }

  private synchronized void hold(SharedBlock.Handle handle) {
    TreeMemory memory = TreeMemory.get();
    if (loading && handle.tree() == memory.tree() && !entries.containsKey(handle)) {
      long entry = memory.estate().hold(handle.offset(), handle.stamp());
      if (entry != 0) {
        entries.put(handle, entry);
      }
    }
  }

  /** The child has been started. */
  public synchronized void depart() {
    departed = true;
  }

  /** The child has ended. */
  public synchronized void end() {
    entries.forEach((handle, entry) -> TreeMemory.get().estate().drop(handle.offset(), entry));
    entries.clear();
  }

  /** Ends the loading, and all of it if the child was not started. */
  @Override
  public synchronized void close() {
    LOADING.set(outer); // also null: the next one finds its place
    loading = false;
    if (!departed) {
      end();
    }
  }

  /** This process is the child that its one thread was about to start. */
  static void forked() {
    LOADING.remove();
  }
}
