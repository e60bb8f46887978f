package multiprocessing.internal.session;

import java.util.function.Supplier;

/**
 * A variable of which each process has its own, where several of them live in one virtual machine,
 * too.
 *
 * @param <T> its type
 */
public final class SessionLocal<T> {
  private final Supplier<T> initial;

  /**
   * A variable.
   *
   * @param initial its first value, asked for when a process first looks at it
   */
  public SessionLocal(Supplier<T> initial) {
    this.initial = initial;
  }

  /** The value of the calling process. */
  @SuppressWarnings("unchecked") // only set() and this put values under this key
  public T get() {
    return (T) Session.get().locals().computeIfAbsent(this, _ -> initial.get());
  }

  /** Sets the value of the calling process. */
  public void set(T value) {
    Session.get().locals().put(this, value);
  }
}
