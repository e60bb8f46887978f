package multiprocessing.manager;

import multiprocessing.internal.session.ForkHooks;
import org.jspecify.annotations.Nullable;

/**
 * Who calls an object of a server: a thread of a client process.
 *
 * @param client the process
 * @param thread the number of its thread
 */
record Caller(Client client, long thread) {
  private static final ThreadLocal<@Nullable Caller> CURRENT = new ThreadLocal<>();

  static { // a worker of a pool that is forked amid a call is no server
    ForkHooks.add(() -> {}, () -> {}, CURRENT::remove);
  }

  /** A client process, by what it says of itself. Two are the same only if they are one object. */
  static final class Client {
    private final Server server;
    private final String id;
    private final long pid;
    private volatile boolean gone;

    Client(Server server, String id, long pid) {
      this.server = server;
      this.id = id;
      this.pid = pid;
    }

    Server server() {
      return server;
    }

    /** Whether it has ended, so that nothing may be given to it any more. */
    boolean isGone() {
      return gone;
    }

    void go() {
      gone = true;
    }

    String id() {
      return id;
    }

    long pid() {
      return pid;
    }
  }

  /** Whom the current thread of the server works for. */
  static Caller current() {
    Caller caller = CURRENT.get();
    if (caller == null) {
      throw new IllegalStateException("this object is called by a manager's clients only");
    }
    return caller;
  }

  /**
   * The same, for a call that gives up what its client holds: that of a client that has gone is
   * void, as what it held has been given to others already, or is about to be.
   */
  static Caller present() {
    Caller caller = current();
    if (caller.client().isGone()) {
      throw new IllegalStateException("the client has gone");
    }
    return caller;
  }

  /** Whom the current thread works for; null if it is none of a server. */
  static @Nullable Caller orNull() {
    return CURRENT.get();
  }

  static void set(@Nullable Caller caller) {
    if (caller == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(caller);
    }
  }
}
