package multiprocessing.manager;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Supplier;

/** Texts of objects that may hold themselves. */
final class Cycles {
  private static final ThreadLocal<Set<Object>> OPEN =
      ThreadLocal.withInitial(() -> Collections.newSetFromMap(new IdentityHashMap<>()));

  private Cycles() {}

  /** The text of an object, or dots where it is within its own text. */
  static String text(Object object, Supplier<String> text) {
    Set<Object> open = OPEN.get();
    if (!open.add(object)) {
      return "[...]";
    }
    try {
      return text.get();
    } finally {
      open.remove(object);
    }
  }
}
