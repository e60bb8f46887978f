package multiprocessing.internal.launch;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import multiprocessing.internal.os.ForkHelper;
import multiprocessing.internal.os.ProcessStat;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.wire.FrameSocket;

/**
 * What a zygote does so that its children need not: it lives the life of a child, from the
 * assignment to the end of the task, once before its first fork, and again and again while nobody
 * asks for a child, until the code is compiled. The classes and lambdas of real tasks are not known
 * here, but the way by which they are loaded and linked is gone as often, and the task is what
 * tasks commonly are.
 */
final class Rehearsal {
  private static final String USUAL_TASK = "multiprocessing.UsualTask";
  private static final int ROUNDS = 100;
  private static final int ROUNDS_BEFORE_FORY = 60;
  private static final int ROUNDS_AFTER_COLLECTION = 20;
  private static final long SLICE_NANOS = 4_000_000;

  /** How long the compiler may have work still after the last round. */
  private static final long COMPILING_MILLIS = 2000;

  /** How long the virtual machine keeps the memory that the compiler took. */
  private static final long FREEING_MILLIS = 8000;

  private final Session.Birth zygote;
  private final byte[] sample;
  private final byte[] plainTask = Codec.shared().encodeTask(plainTask("text", 1)).toBytes();
  private int rounds;
  private boolean foryIsWarm;
  private boolean isSettled;
  private boolean isTrimmed;
  private long overSince;

  /** Rehearsals in the process that is {@code zygote} in between. */
  Rehearsal(Session.Birth zygote) {
    this.zygote = zygote;
    try (InputStream bytes =
        Rehearsal.class.getResourceAsStream(RehearsalSample.class.getSimpleName() + ".class")) {
      sample = Objects.requireNonNull(bytes).readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException("cannot read a class of the library", e);
    }
  }

  /** Does what tasks commonly do, as one that has travelled. */
  static void doTheUsual(Codec codec) {
    try (SharedBlock.Scratch _ = new SharedBlock.Scratch()) {
      byte[] task = codec.encodeTask(usualTask()).toBytes();
      ((Runnable) Objects.requireNonNull(codec.decode(task))).run();
    }
  }

  /** Rooms above this one are not known here, and what runs in a child may need any of them. */
  private static Runnable usualTask() {
    try {
      return (Runnable) accessible(Class.forName(USUAL_TASK), "make").invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make " + USUAL_TASK, e);
    }
  }

  /**
   * Rehearses for a moment, and in the end tidies up: children share what is left, begin with an
   * empty young generation, and are forked faster.
   *
   * @return how many milliseconds to wait before there is more to do; -1 if nothing is left
   */
  long goOn() {
    if (rounds < ROUNDS) {
      rehearse();
      overSince = System.nanoTime();
      return rounds < ROUNDS ? 0 : COMPILING_MILLIS;
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - overSince);
    if (!isSettled && millis >= COMPILING_MILLIS) {
      settle();
    }
    if (!isTrimmed && millis >= FREEING_MILLIS) {
      isTrimmed = true;
      long _ = ForkHelper.tidyPages();
    }
    if (isTrimmed) {
      return -1;
    }
    return (isSettled ? FREEING_MILLIS : COMPILING_MILLIS) - millis;
  }

  private void rehearse() {
    long end = System.nanoTime() + SLICE_NANOS;
    while (rounds < ROUNDS && System.nanoTime() < end) {
      once();
    }
    if (!foryIsWarm && rounds >= ROUNDS_BEFORE_FORY) {
      foryIsWarm = true;
      Codec.shared().warmUp();
    }
  }

  /**
   * After a collection each compiled method is seen to when it is next called: that is done here.
   */
  private void settle() {
    isSettled = true;
    System.gc();
    for (int i = 0; i < ROUNDS_AFTER_COLLECTION; i++) {
      once();
    }
    long _ = ForkHelper.tidyPages();
  }

  /** Rehearses once more, in a child, if it has all been compiled before it was forked. */
  void again() {
    if (isSettled) {
      once();
    }
  }

  /**
   * Rehearses once. Where that is not possible, since shared memory is full, children do without.
   */
  void once() {
    try {
      rounds++;
      act();
    } catch (RuntimeException e) {
      Log.debug("no more rehearsals: " + e);
      rounds = ROUNDS;
    }
  }

  private void act() {
    Log.Sink sink = Log.sink();
    byte[] key = Session.get().authKey();
    Log.inherit(Log.OFF, false);
    int[] ends = UnixSocket.pair();
    FrameSocket parent = new FrameSocket(ends[0]);
    FrameSocket child = new FrameSocket(ends[1]);
    try (SharedBlock.Scratch _ = new SharedBlock.Scratch()) {
      LaunchRequest request =
          new LaunchRequest(new Session.Birth("Rehearsal", "", true, null), key, usualTask());
      try (Assignment.Draft assignment = new Assignment.Draft(request, true)) {
        assignment.send(parent);
      }
      Preparation preparation = Objects.requireNonNull(ForkedChild.become(child));
      ProcessStat.self();
      linkLambda();
      ((Runnable) Objects.requireNonNull(Codec.shared().decode(plainTask))).run();
      TaskRunner.finish(TaskRunner.runTask(preparation));
    } finally {
      parent.close();
      child.close();
      Log.setSink(sink);
      ExitOrder.resetForked();
      Session.become(zygote, key);
    }
  }

  /** A task that has captured only what is sent without a serializer. */
  @SuppressWarnings("serial") // which a string and a number can
  private static Runnable plainTask(String text, int number) {
    return (Runnable & Serializable) () -> doNothing(text, number);
  }

  @SuppressWarnings("unused") // they have been captured
  private static void doNothing(String text, int number) {}

  /** What decoding a lambda comes to, with a class that is new each time. */
  private void linkLambda() {
    try {
      Class<?> type = new SampleLoader().define(sample);
      Object lambda = accessible(type, "lambda").invoke(null);
      Object form = accessible(lambda.getClass(), "writeReplace").invoke(lambda);
      Object again =
          accessible(type, "$deserializeLambda$", SerializedLambda.class).invoke(null, form);
      if (!(again instanceof Supplier<?>)) {
        throw new IllegalStateException("a lambda has become " + again);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot take a lambda apart", e);
    }
  }

  private static Method accessible(Class<?> type, String name, Class<?>... parameters)
      throws NoSuchMethodException {
    Method method = type.getDeclaredMethod(name, parameters);
    method.setAccessible(true);
    return method;
  }

  private static final class SampleLoader extends ClassLoader {
    SampleLoader() {
      super(null);
    }

    Class<?> define(byte[] bytes) {
      return defineClass(RehearsalSample.class.getName(), bytes, 0, bytes.length);
    }
  }
}
