package multiprocessing.internal.launch;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.util.Objects;
import java.util.function.Supplier;
import multiprocessing.internal.os.ProcessStat;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.wire.FrameSocket;

/**
 * What a zygote does so that its children need not: it lives the life of a child, from the
 * assignment to the end of the task, once before its first fork, and again and again while nobody
 * asks for a child, until the code is compiled. The classes and lambdas of real tasks are not known
 * here, but the way by which they are loaded and linked is gone as often.
 */
final class Rehearsal {
  private static final int ROUNDS = 400;
  private static final int ROUNDS_BEFORE_FORY = 60;
  private static final long SLICE_NANOS = 4_000_000;

  private final Session.Birth zygote;
  private final byte[] sample;
  private int rounds;
  private boolean foryIsWarm;

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

  boolean isOver() {
    return rounds >= ROUNDS;
  }

  /** Rehearses for a moment. */
  void goOn() {
    long end = System.nanoTime() + SLICE_NANOS;
    while (!isOver() && System.nanoTime() < end) {
      once();
    }
    if (!foryIsWarm && rounds >= ROUNDS_BEFORE_FORY) {
      foryIsWarm = true;
      Codec.shared().warmUp();
    }
    if (isOver()) {
      System.gc(); // children share what is left, and begin with an empty young generation
    }
  }

  /** Rehearses once. */
  void once() {
    rounds++;
    Log.Sink sink = Log.sink();
    byte[] key = Session.get().authKey();
    Log.inherit(Log.OFF, false);
    int[] ends = UnixSocket.pair();
    FrameSocket parent = new FrameSocket(ends[0]);
    FrameSocket child = new FrameSocket(ends[1]);
    try {
      LaunchRequest request =
          new LaunchRequest(new Session.Birth("Rehearsal", "", true, null), key, task());
      try (Assignment.Draft assignment = new Assignment.Draft(request, true)) {
        assignment.send(parent);
      }
      Preparation preparation = Objects.requireNonNull(ForkedChild.become(child));
      ProcessStat.self();
      linkLambda();
      TaskRunner.finish(TaskRunner.runTask(preparation));
    } finally {
      parent.close();
      child.close();
      Log.setSink(sink);
      ExitOrder.resetForked();
      Session.become(zygote, key);
    }
  }

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

  private static Runnable task() {
    return new Task((Supplier<String> & Serializable) () -> "rehearsal");
  }

  private record Task(Supplier<String> text) implements Runnable, Serializable {
    @Override
    public void run() {
      if (text.get().isEmpty()) {
        throw new IllegalStateException("the task has lost what it captured");
      }
    }
  }
}
