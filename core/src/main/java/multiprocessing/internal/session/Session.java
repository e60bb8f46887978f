package multiprocessing.internal.session;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import multiprocessing.internal.os.ProcessControl;
import org.jspecify.annotations.Nullable;

/**
 * The identity of this process in its tree: its name and number, its parent, its key.
 *
 * <p>There is one for each process. The root makes it by itself; a child gets it from its parent,
 * by {@link #become}, before anything else of the library runs.
 */
public final class Session {
  private static final int KEY_BYTES = 32;

  private static @Nullable Session current;

  private final long pid;
  private final String identity;
  private final boolean daemon;
  private final @Nullable Parent parent;
  private final AtomicInteger children = new AtomicInteger();
  private volatile String name;
  private final byte[] authKey;
  private volatile String startMethod = "";
  private volatile boolean ending;

  /** The parent of a process, as it was when the process was started. */
  public record Parent(long pid, String name) {}

  /**
   * What a child is told of itself.
   *
   * @param name the name of the child
   * @param identity its number below the root, such as {@code 1:2}; empty at the root
   * @param daemon whether it ends with its parent and may have no children
   * @param parent who started it
   */
  public record Birth(String name, String identity, boolean daemon, @Nullable Parent parent) {}

  private Session(Birth birth, byte[] authKey) {
    this.pid = ProcessControl.pid();
    this.name = birth.name();
    this.identity = birth.identity();
    this.daemon = birth.daemon();
    this.parent = birth.parent();
    this.authKey = authKey;
  }

  /** The session of this process. */
  public static synchronized Session get() {
    Session session = current;
    if (session == null) {
      session = new Session(new Birth("MainProcess", "", false, null), randomKey());
      current = session;
    }
    return session;
  }

  /** Makes this process a child. */
  public static synchronized Session become(Birth birth, byte[] authKey) {
    Session session = new Session(birth, authKey);
    current = session;
    return session;
  }

  /** The kernel's generator, which feeds SecureRandom too, without the time its providers take. */
  private static byte[] randomKey() {
    try (FileInputStream random = new FileInputStream("/dev/urandom")) {
      return random.readNBytes(KEY_BYTES);
    } catch (IOException e) {
      throw new IllegalStateException("there is no /dev/urandom, and the library needs it", e);
    }
  }

  public long pid() {
    return pid;
  }

  public String name() {
    return name;
  }

  public void setName(String name) {
    this.name = name;
  }

  public boolean isDaemon() {
    return daemon;
  }

  /** Who started this process; null at the root. */
  public @Nullable Parent parent() {
    return parent;
  }

  /** The number of the next child below the root: {@code 3}, or {@code 1:3} in a child. */
  public String nextIdentity() {
    int number = children.incrementAndGet();
    return identity.isEmpty() ? Integer.toString(number) : identity + ":" + number;
  }

  /** The secret by which processes of this tree know each other. */
  public byte[] authKey() {
    return authKey.clone();
  }

  /** The start method that the parent had as its default; empty at the root. */
  public String startMethod() {
    return startMethod;
  }

  public void setStartMethod(String method) {
    startMethod = method;
  }

  /** Whether this process is on its way out: no child may be started, none be mourned. */
  public boolean isEnding() {
    return ending;
  }

  public void beginEnding() {
    ending = true;
  }
}
