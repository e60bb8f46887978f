package multiprocessing.sync;

import java.util.concurrent.atomic.AtomicBoolean;

/** Lets go once, however often it is closed. */
final class Once implements Hold {
  private final Runnable letGo;
  private final AtomicBoolean closed = new AtomicBoolean();

  Once(Runnable letGo) {
    this.letGo = letGo;
  }

  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      letGo.run();
    }
  }
}
