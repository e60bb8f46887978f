package multiprocessing.internal.launch;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import multiprocessing.internal.classes.ProgramLoaders;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.ForkHelper;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.session.ForkHooks;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.wire.FrameSocket;
import multiprocessing.internal.wire.Reader;
import org.jspecify.annotations.Nullable;

/**
 * The parent's side of the fork server: children that wait for an {@link Assignment}, forked by a
 * zygote, a hidden virtual machine that does nothing else ({@link ZygoteMain}).
 *
 * <p>There is one zygote for each process that starts children this way. It is reached by a socket
 * without a name, which only the two of them hold.
 */
public final class ForkServer {
  /*
   * A request to the zygote carries one end of a socket, the child's; the answer is the pid. The
   * zygote forks with CLONE_PARENT, so what it makes are children of this process like any other:
   * their exit codes, their pidfds and their death with this process are the kernel's business. The
   * zygote answers in the order of the requests.
   *
   * A spare is a child that was requested before it is needed. Its answer is read when it is taken,
   * so no thread is needed to wait for answers. Until then nobody watches over it: if it dies it is
   * found out by the assignment that cannot be sent, and the next one is taken; if this process dies
   * the kernel kills it.
   *
   * The zygote may die at any time. The answers that it sent are read still; requests without an
   * answer are void, and a child that it has forked for one of them all the same tells its pid by
   * itself, so that it can be ended. A new zygote is started, once for one child; then the child is
   * spawned.
   *
   * A request also names the classes in which the tasks of earlier children are written: the zygote
   * loads them, and runs nothing of them, so that the next child need not.
   *
   * Where this process cannot fork, the spares are fresh virtual machines.
   */
  private static final int TRIES = 2;

  private static final long BOUND_MILLIS = TimeUnit.SECONDS.toMillis(30);
  private static final int MOST_SPARES = 64;
  private static final int MOST_HOMES = 256;

  private static volatile ForkServer instance = new ForkServer();

  static {
    ForkHooks.addForgetting(ForkServer::forked);
  }

  private final SpawnLauncher spawner = new SpawnLauncher();
  private final Queue<Spare> ready = new ArrayDeque<>();
  private final Set<String> homes = new LinkedHashSet<>();
  private final List<String> untold = new ArrayList<>();
  private ZygotePlan plan = ZygotePlan.EMPTY;
  private int spares = 1;
  private @Nullable Zygote zygote;
  private boolean toldOfObstacle;

  /** A process that waits for an assignment; its pid is 0 until the zygote's answer is read. */
  private static final class Spare {
    final FrameSocket control;
    long pid;

    Spare(FrameSocket control, long pid) {
      this.control = control;
      this.pid = pid;
    }
  }

  private record Zygote(Child process, FrameSocket control) {}

  private ForkServer() {}

  /** The fork server of this process. */
  public static ForkServer get() {
    return instance;
  }

  /**
   * What the next zygote does before its first fork; a zygote that runs is replaced.
   *
   * @throws multiprocessing.error.SerializationException if the warm-up cannot travel
   */
  public synchronized void setPlan(List<String> preload, @Nullable Runnable warmUp) {
    if (warmUp != null) {
      boolean _ = ProgramLoaders.note(warmUp.getClass());
    }
    plan = ZygotePlan.of(preload, warmUp);
    stop();
  }

  /**
   * Checks that a class can be preloaded.
   *
   * @throws ClassNotFoundException if this process does not have it
   */
  public void requireClass(String name) throws ClassNotFoundException {
    Class<?> _ = ProgramLoaders.load(name);
  }

  /**
   * How many children are kept ready.
   *
   * @throws IllegalArgumentException if that is negative or too many
   */
  public synchronized void setSpares(int count) {
    if (count < 0 || count > MOST_SPARES) {
      throw new IllegalArgumentException("spares: 0 to " + MOST_SPARES + ", not " + count);
    }
    spares = count;
    endSparesBeyond(count);
    if (zygote != null) {
      refill();
    }
  }

  /** Starts the zygote and its spares if need be, and does not wait until they are ready. */
  public synchronized void start() {
    startZygote();
    refill();
  }

  /** Lets the zygote and all spares end. The next child starts new ones. */
  public synchronized void stop() {
    endSparesBeyond(0);
    endZygote();
  }

  private void endSparesBeyond(int count) {
    while (ready.size() > count) {
      Spare spare = nextKnown();
      if (spare != null) {
        spare.control.close();
        Supervisor.abandon(spare.pid);
      }
    }
  }

  /** This process is a fork of the one that has the fork server: it has a new one, not started. */
  private static void forked() {
    ForkServer parents = instance; // a thread that is not here any more may be in it
    ForkServer own = new ForkServer();
    own.plan = parents.plan;
    own.spares = parents.spares;
    instance = own;
    for (Spare spare : parents.ready) {
      Descriptors.close(spare.control.descriptor());
    }
    if (parents.zygote != null) {
      Descriptors.close(parents.zygote.control.descriptor()); // the supervisor closes the rest
    }
  }

  /** The processes that are kept for later: the zygote and the spares. */
  public synchronized List<Long> pids() {
    List<Long> pids = new ArrayList<>();
    for (Spare spare : List.copyOf(ready)) {
      if (isKnown(spare)) {
        pids.add(spare.pid);
      }
    }
    if (zygote != null) {
      pids.addFirst(zygote.process.pid());
    }
    return pids;
  }

  /** The descriptors by which those processes are reached. */
  public synchronized List<Integer> descriptors() {
    List<Integer> descriptors = new ArrayList<>();
    ready.forEach(spare -> descriptors.add(spare.control.descriptor()));
    if (zygote != null) {
      descriptors.add(zygote.control.descriptor());
      descriptors.add(zygote.process.pidfd());
    }
    return descriptors;
  }

  /** Starts a child. */
  synchronized Child launch(LaunchRequest request) {
    String home = request.home();
    if (homes.size() < MOST_HOMES && homes.add(home)) {
      untold.add(home);
    }
    try (Assignment.Draft assignment = new Assignment.Draft(request, true)) {
      for (int tries = ready.size() + TRIES; tries > 0; tries--) {
        if (ready.isEmpty()) {
          request();
        }
        Spare spare = nextKnown();
        Child child = spare == null ? null : assign(spare, request, assignment);
        if (child != null) {
          refill();
          return child;
        }
      }
    } catch (OsException e) {
      throw request.refused(e);
    }
    Log.warning("the fork server does not work: " + request.birth.name() + " is spawned");
    return spawner.launch(request);
  }

  /** Turns a spare into the child; null if it is dead. */
  private @Nullable Child assign(Spare spare, LaunchRequest request, Assignment.Draft assignment) {
    boolean sent = false;
    try {
      request.applyToForked(spare.pid);
      sent = assignment.send(spare.control);
      if (sent) {
        request.sendLuggage(spare.control);
      }
    } finally {
      if (!sent) {
        spare.control.close();
        Supervisor.abandon(spare.pid);
      }
    }
    try {
      return sent ? Supervisor.get().adopt(spare.pid, request, spare.control) : null;
    } catch (OsException e) {
      spare.control.close();
      throw e;
    }
  }

  private void refill() {
    for (int missing = spares - ready.size(); missing > 0; missing--) {
      request();
    }
  }

  /** Sees to it that there will be one more spare; that may fail if the zygote dies just now. */
  private void request() {
    String obstacle = ForkHelper.obstacle();
    if (obstacle != null) {
      if (!toldOfObstacle) {
        toldOfObstacle = true;
        Log.warning("the fork server keeps fresh virtual machines ready, not forks: " + obstacle);
      }
      SpawnLauncher.Born born = spawner.launchWaiting();
      ready.add(new Spare(born.control(), born.pid()));
      return;
    }
    FrameSocket control = startZygote();
    int[] ends = UnixSocket.pair();
    try {
      if (control != null && control.send(news(), ends[1])) {
        ready.add(new Spare(new FrameSocket(ends[0]), 0));
      } else {
        Descriptors.close(ends[0]);
      }
    } finally {
      Descriptors.close(ends[1]);
    }
  }

  /** The body of a request: what the zygote is to load first. */
  private byte[] news() {
    byte[] names = String.join("\n", untold).getBytes(StandardCharsets.UTF_8);
    untold.clear();
    return names;
  }

  /** Takes the oldest spare, with its pid; null if there is none. */
  private @Nullable Spare nextKnown() {
    Spare spare = ready.peek();
    return spare != null && isKnown(spare) ? ready.remove() : null;
  }

  /** Reads the answer for the oldest spare whose pid is not known; false if none comes. */
  private boolean isKnown(Spare spare) {
    if (spare.pid == 0) {
      long pid = answer();
      if (pid < 0) {
        return false;
      }
      spare.pid = pid;
    }
    return true;
  }

  /** The next pid that the zygote tells; -1 if it has failed, and then there is no zygote. */
  private long answer() {
    while (zygote != null) {
      FrameSocket control = zygote.control;
      FrameSocket.Frame frame = control.poll();
      boolean inTime =
          frame != null || Descriptors.await(new int[] {control.descriptor()}, BOUND_MILLIS)[0];
      if (frame == null && inTime) {
        frame = control.receive();
      }
      if (frame == null) {
        fail(inTime ? "it has ended" : "it has not answered for " + BOUND_MILLIS + " ms");
        break;
      }
      Reader reader = new Reader(frame.bytes());
      long pid = reader.number();
      String words = reader.text();
      if (pid > 0) {
        return pid;
      }
      if (pid < 0) {
        fail(words);
      } else if (!words.isEmpty()) { // it is up, but not all that was wanted of it was done
        Log.warning("fork server: " + words);
      }
    }
    return -1;
  }

  private void fail(String problem) {
    Log.warning("the zygote of the fork server is given up: " + problem);
    endZygote();
  }

  private void endZygote() {
    Zygote old = zygote;
    zygote = null;
    if (old != null) {
      old.control.close();
      old.process.kill();
    }
    for (Spare spare : List.copyOf(ready)) {
      if (spare.pid == 0) { // the zygote will not tell it now
        ready.remove(spare);
        end(spare);
      }
    }
  }

  /** Ends and collects a child of which the zygote told nothing, if it was forked at all. */
  private static void end(Spare spare) {
    FrameSocket control = spare.control;
    boolean spoke = Descriptors.await(new int[] {control.descriptor()}, BOUND_MILLIS)[0];
    FrameSocket.Frame hello = spoke ? control.receive() : null;
    if (hello != null) {
      Supervisor.abandon(new Reader(hello.bytes()).number());
    }
    control.close();
  }

  /** The socket to the zygote, which is started if need be; null where there can be none. */
  private @Nullable FrameSocket startZygote() {
    Zygote running = zygote;
    if (running != null && running.process.isOver()) {
      List<Long> _ = pids(); // what it has told is read still
      endZygote();
      running = null;
    }
    if (running == null && ForkHelper.obstacle() == null) {
      LaunchRequest request = LaunchRequest.anonymous(ZygoteMain.NAME);
      SpawnLauncher.Born born = spawner.launchZygote(request.user(ForkServer.class), plan);
      // It does not greet: all that it says is an answer, and is read here, even after its end.
      Child process = Supervisor.get().adopt(born.pid(), request, null);
      running = new Zygote(process, born.control());
      zygote = running;
      untold.clear();
      untold.addAll(homes);
    }
    return running == null ? null : running.control;
  }
}
