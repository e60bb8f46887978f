package multiprocessing.process;

import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import multiprocessing.connection.Sentinel;
import multiprocessing.internal.launch.ParentLife;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.session.SessionLocal;
import org.jspecify.annotations.Nullable;

/** The parent of this process. */
final class ParentProcess implements ProcessInfo {
  private static final SessionLocal<ProcessInfo> PARENT =
      new SessionLocal<>(() -> new ParentProcess(Objects.requireNonNull(Session.get().parent())));

  private final Session.Parent parent;
  private @Nullable Sentinel sentinel;

  private ParentProcess(Session.Parent parent) {
    this.parent = parent;
  }

  /** That of the calling process; null if it has none. */
  static @Nullable ProcessInfo get() {
    return Session.get().parent() == null ? null : PARENT.get();
  }

  @Override
  public String name() {
    return parent.name();
  }

  @Override
  public OptionalLong pid() {
    return OptionalLong.of(parent.pid());
  }

  @Override
  public boolean daemon() {
    return false; // a daemon has no children, and this process is one
  }

  @Override
  public boolean isAlive() {
    Session session = parent.session();
    return session == null ? ParentLife.isAlive(parent.pid()) : !session.hasEnded();
  }

  @Override
  public void join() throws InterruptedException {
    while (!await(Long.MAX_VALUE)) {
      // for ever is longer than that
    }
  }

  @Override
  public boolean join(Duration timeout) throws InterruptedException {
    return await(Times.nanos(timeout));
  }

  private boolean await(long nanos) throws InterruptedException {
    Session session = parent.session();
    return session == null ? ParentLife.await(parent.pid(), nanos) : session.awaitEnd(nanos);
  }

  @Override
  public synchronized Sentinel sentinel() {
    Sentinel known = sentinel;
    if (known == null) {
      known = new Sentinel(() -> !isAlive(), end());
      sentinel = known;
    }
    return known;
  }

  /** Completes when the parent has ended; a process of the system hears no more of that. */
  private CompletionStage<?> end() {
    return parent.session() == null
        ? new CompletableFuture<>()
        : CompletableFuture.runAsync((SerializableRunnable) this::join, Thread::startVirtualThread);
  }

  @Override
  public String toString() {
    return "<ParentProcess name='" + name() + "' pid=" + parent.pid() + ">";
  }
}
