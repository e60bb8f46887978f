package multiprocessing.manager;

import java.lang.reflect.Method;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How what is put into a collection of a server travels: as an array of its elements, or of keys
 * and values in turn. The server is to have them, not the collection that they came in.
 */
final class Contents {
  private static final Set<String> TAKING_ALL = Set.of("putAll", "addAll", "setAll");

  private Contents() {}

  /** The arguments that travel for those of a call of one of the manager's own collections. */
  static @Nullable Object[] flat(Method method, @Nullable Object[] arguments) {
    int last = arguments.length - 1;
    if (last < 0 || !TAKING_ALL.contains(method.getName())) {
      return arguments;
    }
    @Nullable Object[] flat = arguments.clone();
    flat[last] = flat(arguments[last]);
    return flat;
  }

  /** What travels for a collection or map; itself, if it is one of a manager. */
  static @Nullable Object flat(@Nullable Object content) {
    if (Remote.of(content) != null) {
      return content;
    }
    if (content instanceof Map<?, ?> map) {
      Filler filler = new Filler(2 * map.size());
      map.forEach(filler);
      return filler.pairs();
    }
    if (content instanceof Collection<?> collection) {
      Object[] elements = collection.toArray();
      return elements.getClass() == Object[].class
          ? elements
          : Arrays.copyOf(elements, elements.length, Object[].class);
    }
    return content;
  }

  /** What a method with a parameter of a type is to be called with. */
  static @Nullable Object whole(Class<?> type, @Nullable Object argument) {
    if (argument == null || argument.getClass() != Object[].class) {
      return argument;
    }
    @Nullable Object[] elements = (@Nullable Object[]) argument;
    if (type == Map.class) {
      return new Pairs(elements);
    }
    return type == Collection.class ? Arrays.asList(elements) : argument;
  }

  /** Takes keys and values. */
  private static final class Filler implements BiConsumer<@Nullable Object, @Nullable Object> {
    private @Nullable Object[] pairs;
    private int used;

    Filler(int room) {
      pairs = new @Nullable Object[room];
    }

    @Override
    public void accept(@Nullable Object key, @Nullable Object value) {
      if (used == pairs.length) { // the map has grown meanwhile
        pairs = Arrays.copyOf(pairs, 2 * used + 2);
      }
      pairs[used] = key;
      pairs[used + 1] = value;
      used += 2;
    }

    @Nullable Object[] pairs() {
      return used == pairs.length ? pairs : Arrays.copyOf(pairs, used);
    }
  }

  /** Keys and values. */
  private static final class Pairs extends AbstractMap<@Nullable Object, @Nullable Object> {
    private final @Nullable Object[] pairs;

    Pairs(@Nullable Object[] pairs) {
      if (pairs.length % 2 != 0) {
        throw new IllegalArgumentException("a key without a value");
      }
      this.pairs = pairs;
    }

    @Override
    public int size() {
      return pairs.length / 2;
    }

    @Override
    public void forEach(BiConsumer<? super @Nullable Object, ? super @Nullable Object> action) {
      for (int i = 0; i < pairs.length; i += 2) {
        action.accept(pairs[i], pairs[i + 1]);
      }
    }

    @Override
    public Set<Entry<@Nullable Object, @Nullable Object>> entrySet() {
      return new AbstractSet<>() {
        @Override
        public int size() {
          return Pairs.this.size();
        }

        @Override
        public Iterator<Entry<@Nullable Object, @Nullable Object>> iterator() {
          return new Entries();
        }
      };
    }

    private final class Entries implements Iterator<Entry<@Nullable Object, @Nullable Object>> {
      private int next;

      @Override
      public boolean hasNext() {
        return next < pairs.length;
      }

      @Override
      public Entry<@Nullable Object, @Nullable Object> next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        next += 2;
        return new SimpleImmutableEntry<>(pairs[next - 2], pairs[next - 1]);
      }
    }
  }
}
