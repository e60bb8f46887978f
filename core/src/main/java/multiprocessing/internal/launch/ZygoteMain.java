package multiprocessing.internal.launch;

import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import multiprocessing.internal.classes.ServedClasses;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.ForkHelper;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.session.ForkHooks;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.shm.TreeMemory;
import multiprocessing.internal.wire.FrameSocket;
import multiprocessing.internal.wire.Writer;

/**
 * The main class of a zygote: a virtual machine that forks itself whenever its parent asks.
 *
 * <p>It has no thread of its own but this one, so a child has exactly the virtual machine's threads
 * and the one that runs its task. What children do first is done here before the first fork (see
 * {@link Rehearsal}), so that they find it loaded, linked and compiled.
 */
public final class ZygoteMain {
  /** The name of the process. */
  static final String NAME = "ForkServer";

  private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** How long there must be nothing to do before the rehearsal goes on. */
  private static final long IDLE_MILLIS = 30;

  private static final long UP = 0;
  private static final long FAILED = -1;

  private ZygoteMain() {}

  /**
   * Serves the parent until it closes the socket.
   *
   * @param arguments the name of the process, for those who look at the list of processes
   */
  public static void main(String[] arguments) {
    ZygotePlan.Received plan = ZygotePlan.Received.read(ChildMain.begin());
    ChildMain.requireParent(plan.parent().pid());
    Session.Birth birth = new Session.Birth(NAME, "", true, plan.parent());
    Session.become(birth, Session.get().authKey());
    Locales.apply(plan.locales());
    TreeMemory.get(); // its forks have it mapped
    FrameSocket control = new FrameSocket(ChildMain.CONTROL);
    if (plan.isServed()) {
      ServedClasses.connect(ChildMain.CLASSES);
    }
    String problems = prepare(plan);
    ForkHelper.prepareSeeds(plan.runsCode());
    Rehearsal rehearsal = new Rehearsal(birth);
    rehearsal.once();
    answer(control, UP, problems);
    while (true) {
      for (long wait = IDLE_MILLIS; !isAsked(control, wait); ) {
        wait = rehearsal.goOn();
      }
      FrameSocket.Frame request = control.receive();
      if (request == null) {
        ChildMain.leave();
        return;
      }
      load(new String(request.bytes(), StandardCharsets.UTF_8));
      serve(control, request.descriptors()[0], rehearsal);
    }
  }

  /** Loads and links classes, without running any of their code; what is not there is no matter. */
  private static void load(String names) {
    if (names.isEmpty()) {
      return;
    }
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    for (String name : names.split("\n", -1)) {
      try {
        Class<?> type = Class.forName(name, false, loader);
        Method[] _ = type.getDeclaredMethods(); // which links it
      } catch (ClassNotFoundException | LinkageError e) {
        Log.debug("the zygote has not loaded " + name + ": " + e);
      }
    }
  }

  private static boolean isAsked(FrameSocket control, long millis) {
    return Descriptors.await(new int[] {control.descriptor()}, millis)[0];
  }

  /** What the parent wants done; gives what could not be done, a sentence each. */
  private static String prepare(ZygotePlan.Received plan) {
    List<String> problems = new ArrayList<>();
    for (String name : plan.preload()) {
      try {
        Class.forName(name, true, Thread.currentThread().getContextClassLoader());
      } catch (ClassNotFoundException | LinkageError e) {
        problems.add("cannot preload " + name + ": " + e);
      }
    }
    if (plan.warmUp().length > 0) {
      try {
        Objects.requireNonNull((Runnable) Codec.shared().decode(plan.warmUp())).run();
      } catch (Throwable t) {
        problems.add("the warm-up failed: " + t);
      }
    }
    Thread other = TaskRunner.otherThread();
    if (other != null) {
      problems.add(
          "thread " + other.getName() + " runs in the zygote, and each child has a copy of it");
    }
    return String.join("; ", problems);
  }

  private static void serve(FrameSocket control, int end, Rehearsal rehearsal) {
    long pid;
    ForkHooks.Fork hooks = new ForkHooks.Fork();
    try {
      hooks.before();
      SharedBlock.bequeath();
      pid = ForkHelper.forkAll(true, STOP_NANOS);
    } catch (RuntimeException e) {
      SharedBlock.goOn();
      hooks.inParent();
      Descriptors.close(end);
      answer(control, FAILED, String.valueOf(e.getMessage()));
      return;
    }
    if (pid == 0) {
      control.close();
      ForkedChild.live(new FrameSocket(end), hooks, rehearsal);
    }
    SharedBlock.goOn();
    hooks.inParent();
    answer(control, pid, "");
    Descriptors.close(end);
  }

  private static void answer(FrameSocket control, long number, String words) {
    control.send(new Writer().number(number).text(words).toBytes());
  }
}
