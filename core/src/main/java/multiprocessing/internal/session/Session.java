package multiprocessing.internal.session;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import multiprocessing.internal.os.Guest;
import multiprocessing.internal.os.ProcessControl;
import org.jspecify.annotations.Nullable;

/**
 * The identity of this process in its tree: its name and number, its parent, its key; and what else
 * each process has of its own.
 *
 * <p>There is one for each process. The root makes it by itself; a child gets it from its parent,
 * by {@link #become}, before anything else of the library runs. A {@link Guest} has its own beside
 * that of the process in which it lives.
 */
public final class Session {
  private static final int KEY_BYTES = 32;

  private static @Nullable Session current;

  private final long pid;
  private final boolean isGuest;
  private final String identity;
  private final boolean daemon;
  private final @Nullable Parent parent;
  private final AtomicInteger children = new AtomicInteger();
  private final Finalizers finalizers = new Finalizers();
  private final Map<Object, Object> locals = new ConcurrentHashMap<>();
  private final Set<Kin> kin = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean leaving = new AtomicBoolean();
  private final AtomicBoolean ending = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile String name;
  private volatile byte[] authKey;
  private volatile String startMethod = "";
  private volatile boolean settingUp;
  private volatile boolean childrenPermitted;

  /**
   * The parent of a process, as it was when the process was started.
   *
   * @param session the parent itself, if it lives in the same virtual machine
   */
  public record Parent(long pid, String name, @Nullable Session session) {}

  /**
   * What a child is told of itself.
   *
   * @param name the name of the child
   * @param identity its number below the root, such as {@code 1:2}; empty at the root
   * @param daemon whether it ends with its parent and may have no children
   * @param parent who started it
   */
  public record Birth(String name, String identity, boolean daemon, @Nullable Parent parent) {}

  private Session(Birth birth, byte[] authKey, long pid, boolean isGuest) {
    this.pid = pid;
    this.isGuest = isGuest;
    this.name = birth.name();
    this.identity = birth.identity();
    this.daemon = birth.daemon();
    this.parent = birth.parent();
    this.authKey = authKey;
  }

  /** The session of the calling process, which may be a guest. */
  public static Session get() {
    Guest guest = Guest.current();
    return guest == null ? home() : (Session) guest.session();
  }

  /** The session of the process whose memory this is, whoever of its guests calls. */
  public static synchronized Session home() {
    Session session = current;
    if (session == null) {
      session = ofProcess(new Birth("MainProcess", "", false, null), randomBytes(KEY_BYTES));
      current = session;
    }
    return session;
  }

  /** Makes this process a child. */
  public static synchronized Session become(Birth birth, byte[] authKey) {
    Guest.forked(); // if a guest has forked, the child is none
    Session session = ofProcess(birth, authKey);
    current = session;
    return session;
  }

  private static Session ofProcess(Birth birth, byte[] authKey) {
    return new Session(birth, authKey, ProcessControl.pid(), false);
  }

  /** Makes the calling thread a guest. */
  public static Guest enterGuest(Birth birth, byte[] authKey) {
    long pid = Guest.threadId();
    return Guest.enter(pid, new Session(birth, authKey, pid, true));
  }

  /**
   * Bytes of the kernel's generator, which feeds SecureRandom too: without the time that its
   * providers take, and without a state that a fork would have in common with its parent.
   */
  public static byte[] randomBytes(int count) {
    try (FileInputStream random = new FileInputStream("/dev/urandom")) {
      return random.readNBytes(count);
    } catch (IOException e) {
      throw new IllegalStateException("there is no /dev/urandom, and the library needs it", e);
    }
  }

  public long pid() {
    return pid;
  }

  /** Whether it is a thread of a virtual machine, and not a process of the system. */
  public boolean isGuest() {
    return isGuest;
  }

  /**
   * Whether the calling thread is one of a guest that was killed: what fails there means nothing.
   */
  public static boolean isDying() {
    return Guest.isDying();
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

  /** Whether this process may have children: a daemon only if it was permitted to. */
  public boolean mayHaveChildren() {
    return !daemon || childrenPermitted;
  }

  /** This process may have children though it is a daemon: they end with it. */
  public void permitChildren() {
    childrenPermitted = true;
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

  /** Another secret, for this process and the children that it starts from now on. */
  public void setAuthKey(byte[] key) {
    authKey = key.clone();
  }

  /** The start method that the parent had as its default; empty at the root. */
  public String startMethod() {
    return startMethod;
  }

  public void setStartMethod(String method) {
    startMethod = method;
  }

  Finalizers finalizers() {
    return finalizers;
  }

  Map<Object, Object> locals() {
    return locals;
  }

  /** A child of this process that its own end has to see to; not those the supervisor watches. */
  public void addKin(Kin child) {
    kin.add(child);
  }

  public void removeKin(Kin child) {
    kin.remove(child);
  }

  List<Kin> kin() {
    return List.copyOf(kin);
  }

  /** Whether this process has not come to its task yet: it must start no child then. */
  public boolean isSettingUp() {
    return settingUp;
  }

  public void setSettingUp(boolean value) {
    settingUp = value;
  }

  /** Begins to leave: what comes before the children are ended; false if that has begun before. */
  boolean beginLeaving() {
    return !leaving.getAndSet(true);
  }

  /** Whether this process is on its way out: no child may be started, none be mourned. */
  public boolean isEnding() {
    return ending.get();
  }

  /** Begins the end; false if it has begun before. */
  boolean beginEnding() {
    return !ending.getAndSet(true);
  }

  /** The end is over; said of guests only, since nobody is left to hear it of another. */
  public void setEnded() {
    ended.countDown();
  }

  /** Whether a guest has ended. */
  public boolean hasEnded() {
    return ended.getCount() == 0;
  }

  /** Waits for the end of a guest, for at most some time; gives whether it has ended. */
  public boolean awaitEnd(long nanos) throws InterruptedException {
    return ended.await(nanos, TimeUnit.NANOSECONDS);
  }
}
