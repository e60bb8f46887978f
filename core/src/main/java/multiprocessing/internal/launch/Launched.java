package multiprocessing.internal.launch;

import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import multiprocessing.internal.session.Kin;

/** A child that was started, seen from its parent. */
public interface Launched extends Kin {
  long pid();

  boolean isAlive();

  /** Its exit code; empty while it runs. */
  OptionalInt exitCode();

  void interrupt();

  /** Waits for its end. */
  void join() throws InterruptedException;

  /**
   * Completes with its exit code, never exceptionally, and not in the thread that waits for all.
   */
  CompletableFuture<Integer> onExit();
}
