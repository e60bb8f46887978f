package multiprocessing.pool;

import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Finalizers;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.SessionLocal;

/** Sees to pools that nobody closes: those that are forgotten, and those that Ctrl-C ends. */
final class Leftover implements Runnable {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final Set<Dispatcher> OPEN = ConcurrentHashMap.newKeySet();
  private static final SessionLocal<AtomicBoolean> REGISTERED =
      new SessionLocal<>(AtomicBoolean::new);

  private final Dispatcher dispatcher;
  private final String name;

  private Leftover(Dispatcher dispatcher, String name) {
    this.dispatcher = dispatcher;
    this.name = name;
  }

  static void watch(ProcessPool pool, Dispatcher dispatcher, String name) {
    OPEN.add(dispatcher);
    CompletableFuture<Void> _ = dispatcher.ended().thenRun(() -> OPEN.remove(dispatcher));
    Cleaner.Cleanable _ = CLEANER.register(pool, new Leftover(dispatcher, name));
    if (!REGISTERED.get().getAndSet(true)) {
      Finalizers.Finalizer _ = Finalizers.add(0, Leftover::atExit);
    }
  }

  /** Nobody has a hold of the pool any more. */
  @Override
  public void run() {
    if (!dispatcher.isClosed()) {
      Log.warning(
          name + " was forgotten and not closed; its workers leave when their work is done");
      dispatcher.close();
      dispatcher.cutStreams();
    }
  }

  private static void atExit() {
    int workers = 0;
    int waiting = 0;
    for (Dispatcher pool : OPEN) {
      PoolInsights insights = pool.insights();
      workers += insights.workers().size();
      waiting += insights.tasksWaiting();
    }
    if ("SIGINT".equals(ExitOrder.signal()) && workers > 0) {
      Log.toStderr(
          "interrupted: "
              + workers
              + (workers == 1 ? " worker is" : " workers are")
              + " ended, "
              + waiting
              + (waiting == 1 ? " task" : " tasks")
              + " had not begun\n");
    }
  }
}
