package multiprocessing.internal.launch;

import java.io.Serializable;
import java.util.function.Supplier;

/** A class with a lambda in it, as the classes of tasks are, for {@link Rehearsal} to load. */
final class RehearsalSample {
  private RehearsalSample() {}

  static Object lambda() {
    return (Supplier<String> & Serializable) () -> "rehearsal";
  }
}
