package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import multiprocessing.process.SerializableFunction;
import org.jspecify.annotations.Nullable;

/** A value in the server. */
final class ServedValue<T extends @Nullable Object>
    implements ManagedValue<T>, Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private transient T value;

  ServedValue(T value) {
    this.value = value;
  }

  @Override
  public Class<?> face() {
    return ManagedValue.class;
  }

  @Serial
  private Object writeReplace() {
    return Reference.of(this);
  }

  @Override
  public synchronized T get() {
    return value;
  }

  @Override
  public synchronized void set(T value) {
    this.value = value;
  }

  @Override
  public synchronized T update(SerializableFunction<? super T, ? extends T> function) {
    value = function.apply(value);
    return value;
  }

  @Override
  public synchronized String toString() {
    return "Value(" + value + ")";
  }
}
