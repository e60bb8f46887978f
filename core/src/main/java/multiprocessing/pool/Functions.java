package multiprocessing.pool;

import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import multiprocessing.process.SerializableBiFunction;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.SerializableConsumer;
import multiprocessing.process.SerializableFunction;
import org.jspecify.annotations.Nullable;

/** Functions of several arguments, or of no value, as those that workers know. */
final class Functions {
  private Functions() {}

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

    @Override
    public String toString() {
      return first + ", " + second;
    }
  }

  /** Pairs that travel, of entries that need not. */
  static List<Pair> pairs(Iterable<? extends Map.Entry<?, ?>> entries) {
    List<Pair> pairs = new ArrayList<>();
    for (Map.Entry<?, ?> entry : entries) {
      pairs.add(new Pair(entry.getKey(), entry.getValue()));
    }
    return pairs;
  }

  /** The elements of a stream, which are only read. */
  @SuppressWarnings("unchecked") // an iterator gives and does not take
  static <T extends @Nullable Object> Iterator<T> iterator(Stream<? extends T> stream) {
    return (Iterator<T>) stream.iterator();
  }

  /** Applies a function of two arguments to a pair. */
  static final class Spread<R extends @Nullable Object> implements SerializableFunction<Pair, R> {
    @Serial private static final long serialVersionUID = 1L;

    private final SerializableBiFunction<?, ?, R> function;

    Spread(SerializableBiFunction<?, ?, R> function) {
      this.function = function;
    }

    @Override
    @SuppressWarnings("unchecked") // the pairs were made for the function
    public R applyChecked(Pair pair) throws Exception {
      return ((SerializableBiFunction<@Nullable Object, @Nullable Object, R>) function)
          .applyChecked(pair.first, pair.second);
    }
  }

  /** Runs a function for its effect. */
  static final class Effect<T extends @Nullable Object>
      implements SerializableFunction<T, @Nullable Object> {
    @Serial private static final long serialVersionUID = 1L;

    private final SerializableConsumer<? super T> consumer;

    Effect(SerializableConsumer<? super T> consumer) {
      this.consumer = consumer;
    }

    @Override
    public @Nullable Object applyChecked(T item) throws Exception {
      consumer.acceptChecked(item);
      return null;
    }
  }

  /** A function and its argument. */
  @SuppressWarnings("serial") // who sends what cannot travel is told so
  static final class Applied<T extends @Nullable Object, R extends @Nullable Object>
      implements SerializableCallable<R> {
    @Serial private static final long serialVersionUID = 1L;

    private final SerializableFunction<? super T, ? extends R> function;
    private final T argument;

    Applied(SerializableFunction<? super T, ? extends R> function, T argument) {
      this.function = function;
      this.argument = argument;
    }

    @Override
    public R call() throws Exception {
      return function.applyChecked(argument);
    }

    @Override
    public String toString() {
      return Job.describe(argument);
    }
  }
}
