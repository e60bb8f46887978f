package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Named values in the server. */
final class ServedNamespace implements Namespace, Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient Map<String, @Nullable Object> values = new TreeMap<>();

  @Override
  public Class<?> face() {
    return Namespace.class;
  }

  @Serial
  private Object writeReplace() {
    return Reference.of(this);
  }

  @Override
  public synchronized @Nullable Object get(String name) {
    require(name);
    return values.get(name);
  }

  @Override
  public synchronized void set(String name, @Nullable Object value) {
    values.put(name, value);
  }

  @Override
  public synchronized void remove(String name) {
    require(name);
    values.remove(name);
  }

  @Override
  public synchronized boolean has(String name) {
    return values.containsKey(name);
  }

  private void require(String name) {
    if (!values.containsKey(name)) {
      throw new NoSuchElementException("'Namespace' object has no attribute '" + name + "'");
    }
  }

  /** As Python shows it. */
  @Override
  public String toString() {
    return Cycles.text(this, this::text);
  }

  private synchronized String text() {
    return values.entrySet().stream()
        .filter(entry -> !entry.getKey().startsWith("_"))
        .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
        .collect(Collectors.joining(", ", "Namespace(", ")"));
  }

  private static String text(@Nullable Object value) {
    return value instanceof String string ? "'" + string + "'" : String.valueOf(value);
  }
}
