package multiprocessing.pool;

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
  record Pair(@Nullable Object first, @Nullable Object second) implements Serializable {
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
  record Spread<R extends @Nullable Object>(SerializableBiFunction<?, ?, R> function)
      implements SerializableFunction<Pair, R> {
    @Override
    @SuppressWarnings("unchecked") // the pairs were made for the function
    public R applyChecked(Pair pair) throws Exception {
      return ((SerializableBiFunction<@Nullable Object, @Nullable Object, R>) function)
          .applyChecked(pair.first, pair.second);
    }
  }

  /** Runs a function for its effect. */
  record Effect<T extends @Nullable Object>(SerializableConsumer<? super T> consumer)
      implements SerializableFunction<T, @Nullable Object> {
    @Override
    public @Nullable Object applyChecked(T item) throws Exception {
      consumer.acceptChecked(item);
      return null;
    }
  }

  /** A function and its argument. */
  record Applied<T extends @Nullable Object, R extends @Nullable Object>(
      SerializableFunction<? super T, ? extends R> function, T argument)
      implements SerializableCallable<R> {
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
