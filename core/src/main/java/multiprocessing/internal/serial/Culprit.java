package multiprocessing.internal.serial;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import multiprocessing.error.SerializationException;
import multiprocessing.spi.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which part of an object cannot travel, after a serializer has refused the whole.
 *
 * <p>Walks the object's fields, elements and captured variables, nearest first, until it meets
 * something that is known to be unfit. If the modules of the program do not let it look, or it
 * finds nothing, the serializer's own words must do.
 */
final class Culprit {
  /** Objects to look at before giving up; the walk is for people, who wait for it. */
  private static final int LIMIT = 200_000;

  private final boolean onlySerializable;

  /**
   * Creates a finder.
   *
   * @param serializer the one that refused
   */
  Culprit(Serializer serializer) {
    this.onlySerializable = serializer instanceof JavaSerializer;
  }

  /**
   * Returns what to throw.
   *
   * @param value the object that cannot travel
   * @param root what to call it; null for the name of its class
   * @param cause what the serializer threw
   */
  SerializationException explain(Object value, @Nullable String root, Throwable cause) {
    String name = root != null ? root : Part.nameOf(value.getClass());
    Part found = null;
    try {
      found = search(new Part(name, value));
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      cause.addSuppressed(e);
    }
    if (found == null) {
      String message = "cannot send " + name + ": " + Text.reason(cause);
      return new SerializationException(message, name, cause);
    }
    String message =
        "cannot send " + found.path() + ": " + reason(found.value()) + surroundings(found.path());
    return new SerializationException(message, found.path(), cause);
  }

  private @Nullable Part search(Part root) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Part> queue = new ArrayDeque<>(List.of(root));
    seen.add(root.value());
    while (!queue.isEmpty() && seen.size() < LIMIT) {
      Part part = queue.remove();
      if (isUnfit(part.value())) {
        return part;
      }
      part.forEachChild(
          child -> {
            if (seen.add(child.value())) {
              queue.add(child);
            }
          });
    }
    return null;
  }

  private boolean isUnfit(Object value) {
    Class<?> type = value.getClass();
    if (Sendable.refusal(type) != null) {
      return true;
    }
    return !(value instanceof Serializable)
        && (onlySerializable || Lambdas.isLambda(type) || Sendable.isOpaque(type));
  }

  private static String reason(Object value) {
    Class<?> type = value.getClass();
    if (Lambdas.isLambda(type)) {
      return Lambdas.reason(type);
    }
    String refusal = Sendable.refusal(type);
    String remedy = " (or mark the field transient and fill it in the other process)";
    if (refusal != null) {
      return "an object of class " + type.getName() + " " + refusal + remedy;
    }
    return "class " + type.getName() + " is not serializable; " + substitute(value) + remedy;
  }

  /** Most people do not know that they sent the object around a lambda or an inner class at all. */
  private static String surroundings(String path) {
    for (String step : path.split("\\.", -1)) {
      if (step.equals("this")) {
        return "; the lambda uses a field or a method of the object around it:"
            + " copy what it needs into a local variable before";
      }
      if (step.startsWith("this$")) {
        return "; an object of an inner class carries the object around it along:"
            + " make the class static, or pass a lambda";
      }
    }
    return "";
  }

  private static String substitute(Object value) {
    if (value instanceof Collection) {
      return "copy it into an ArrayList or a HashSet first";
    }
    if (value instanceof Map) {
      return "copy it into a HashMap first";
    }
    if (value instanceof Map.Entry) {
      return "use an AbstractMap.SimpleEntry or a record instead";
    }
    return Sendable.isOfJdk(value.getClass())
        ? "pass plain data instead"
        : "let it implement java.io.Serializable, or pass plain data instead";
  }
}
