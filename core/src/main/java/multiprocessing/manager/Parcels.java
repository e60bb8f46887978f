package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import multiprocessing.internal.serial.Codec;
import multiprocessing.process.SerializableBiFunction;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.SerializableFunction;
import org.jspecify.annotations.Nullable;

/**
 * What goes through a manager's server without being opened there: from a client to a worker of a
 * pool, and back. So the server need not know the classes, and objects of managers arrive in the
 * worker as they would in any other process of the tree.
 */
final class Parcels {
  private Parcels() {}

  /**
   * Packs an object.
   *
   * @throws multiprocessing.error.SerializationException if it cannot travel; the path to the
   *     culprit begins with the name
   */
  static byte[] pack(@Nullable Object content, String name) {
    return Codec.shared().encode(content, name).toBytes();
  }

  static List<byte[]> packAll(Iterable<? extends @Nullable Object> items) {
    List<byte[]> parcels = new ArrayList<>();
    for (Object item : items) {
      parcels.add(pack(item, "item " + parcels.size()));
    }
    return parcels;
  }

  static @Nullable Object open(byte[] parcel) {
    return Codec.shared().decode(parcel);
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // they are what was packed
  static <T extends @Nullable Object> List<T> openAll(List<byte[]> parcels) {
    List<T> all = new ArrayList<>(parcels.size());
    for (byte[] parcel : parcels) {
      all.add((T) open(parcel));
    }
    return all;
  }

  /** A call of a server's object, in which a task may throw anything. */
  interface Call<T extends @Nullable Object> {
    T call() throws Exception;
  }

  /** Makes a call, and lets through what the task throws. */
  static <T extends @Nullable Object> T call(Call<T> call) throws InterruptedException {
    try {
      return call.call();
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw Parcels.<RuntimeException>sneak(e);
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // erased: any exception passes
  private static <X extends Throwable> RuntimeException sneak(Throwable thrown) throws X {
    throw (X) thrown;
  }

  /** A task in a parcel; its value is in one, too. */
  static final class Task implements SerializableCallable<byte[]> {
    @Serial private static final long serialVersionUID = 1L;

    private final byte[] parcel;

    Task(byte[] parcel) {
      this.parcel = parcel;
    }

    @Override
    public byte[] call() throws Exception {
      SerializableCallable<?> task = (SerializableCallable<?>) Objects.requireNonNull(open(parcel));
      return pack(task.call(), "result");
    }
  }

  /** A function in a parcel, of items and for values in parcels; opened once where it is used. */
  static final class Function implements SerializableFunction<byte[], byte[]> {
    @Serial private static final long serialVersionUID = 1L;

    private final byte[] parcel;
    private transient @Nullable SerializableFunction<@Nullable Object, ?> function;

    Function(byte[] parcel) {
      this.parcel = parcel;
    }

    @Override
    @SuppressWarnings("unchecked") // it is what was packed
    public byte[] applyChecked(byte[] item) throws Exception {
      SerializableFunction<@Nullable Object, ?> known = function;
      if (known == null) {
        known = (SerializableFunction<@Nullable Object, ?>) Objects.requireNonNull(open(parcel));
        function = known;
      }
      return pack(known.applyChecked(open(item)), "result");
    }
  }

  /** A function and its argument, as a task. */
  @SuppressWarnings("serial") // who sends what cannot travel is told so
  static final class Applied<T extends @Nullable Object, R extends @Nullable Object>
      implements SerializableCallable<R> {
    @Serial private static final long serialVersionUID = 1L;

    private final SerializableFunction<? super T, ? extends R> function;
    private final T argument;

    Applied(SerializableFunction<? super T, ? extends R> function, T argument) {
      this.function = Objects.requireNonNull(function);
      this.argument = argument;
    }

    @Override
    public R call() throws Exception {
      return function.applyChecked(argument);
    }
  }

  /** Something to run, as a task with a value. */
  @SuppressWarnings("serial") // who sends what cannot travel is told so
  static final class Run<R extends @Nullable Object> implements SerializableCallable<R> {
    @Serial private static final long serialVersionUID = 1L;

    private final Runnable runnable;
    private final R value;

    Run(Runnable runnable, R value) {
      this.runnable = Objects.requireNonNull(runnable);
      this.value = value;
    }

    @Override
    public R call() {
      runnable.run();
      return value;
    }
  }

  /** A task of the JDK's type. */
  @SuppressWarnings("serial") // who sends what cannot travel is told so
  static final class Called<R extends @Nullable Object> implements SerializableCallable<R> {
    @Serial private static final long serialVersionUID = 1L;

    private final Callable<R> callable;

    private Called(Callable<R> callable) {
      this.callable = Objects.requireNonNull(callable);
    }

    static <R extends @Nullable Object> SerializableCallable<R> of(Callable<R> task) {
      return task instanceof SerializableCallable<R> travels ? travels : new Called<>(task);
    }

    @Override
    public R call() throws Exception {
      return callable.call();
    }
  }

  /** Two arguments as one item. */
  @SuppressWarnings("serial") // who sends what cannot travel is told so
  static final class Pair implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final @Nullable Object first;
    private final @Nullable Object second;

    Pair(@Nullable Object first, @Nullable Object second) {
      this.first = first;
      this.second = second;
    }
  }

  /** Applies a function of two arguments to a pair. */
  static final class Spread<R extends @Nullable Object> implements SerializableFunction<Pair, R> {
    @Serial private static final long serialVersionUID = 1L;

    private final SerializableBiFunction<?, ?, R> function;

    Spread(SerializableBiFunction<?, ?, R> function) {
      this.function = Objects.requireNonNull(function);
    }

    @Override
    @SuppressWarnings("unchecked") // the pairs were made for the function
    public R applyChecked(Pair pair) throws Exception {
      return ((SerializableBiFunction<@Nullable Object, @Nullable Object, R>) function)
          .applyChecked(pair.first, pair.second);
    }
  }
}
