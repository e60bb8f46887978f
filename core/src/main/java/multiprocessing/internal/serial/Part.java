package multiprocessing.internal.serial;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An object within another.
 *
 * @param path the way to it: fields separated by dots, elements in brackets
 * @param value the object
 */
record Part(String path, Object value) {
  private static final int KEY_LENGTH = 40;

  /** Returns what to call an object that has no name. */
  static String nameOf(Class<?> type) {
    if (Lambdas.isLambda(type)) {
      String home = Lambdas.home(type);
      return "lambda in " + home.substring(home.lastIndexOf('.') + 1);
    }
    String name = type.getSimpleName();
    return name.isEmpty() ? type.getName().substring(type.getName().lastIndexOf('.') + 1) : name;
  }

  /** Shows whatever would be serialized along with this object, as far as it can be seen. */
  void forEachChild(Consumer<Part> visitor) {
    Class<?> type = value.getClass();
    if (Lambdas.isLambda(type)) {
      Lambdas.captures(path, value).forEach(visitor);
    } else if (value instanceof Object[] array) {
      for (int i = 0; i < array.length; i++) {
        show("[" + i + "]", array[i], visitor);
      }
    } else if (Sendable.isOfJdk(type)) {
      content(visitor);
    } else if (!Sendable.hasWriteReplace(type) && !type.isEnum()) {
      fields(type, visitor);
    }
  }

  private void content(Consumer<Part> visitor) {
    if (value instanceof Collection<?> elements) {
      int i = 0;
      for (Object element : elements) {
        show("[" + i++ + "]", element, visitor);
      }
    } else if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, each) -> {
            String name = text(key);
            show("[" + name + "]", each, visitor);
            show(".key(" + name + ")", key, visitor);
          });
    } else if (value instanceof Optional<?> optional) {
      show(".get()", optional.orElse(null), visitor);
    } else if (value instanceof AtomicReference<?> reference) {
      show(".get()", reference.get(), visitor);
    }
  }

  private void fields(Class<?> type, Consumer<Part> visitor) {
    for (Class<?> c = type; c != null && !Sendable.isOfJdk(c); c = c.getSuperclass()) {
      for (Field field : c.getDeclaredFields()) {
        int skipped = Modifier.STATIC | Modifier.TRANSIENT;
        if ((field.getModifiers() & skipped) == 0 && !field.getType().isPrimitive()) {
          show("." + field.getName(), read(field), visitor);
        }
      }
    }
    if (value instanceof Throwable failure) {
      show(".getCause()", failure.getCause(), visitor);
    }
  }

  private @Nullable Object read(Field field) {
    try {
      field.setAccessible(true);
      return field.get(value);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null; // its module is closed to us
    }
  }

  private void show(String step, @Nullable Object child, Consumer<Part> visitor) {
    if (child != null && child.getClass() != String.class) {
      visitor.accept(new Part(path + step, child));
    }
  }

  private static String text(@Nullable Object key) {
    if (!(key instanceof String || key instanceof Number || key instanceof Enum<?>)) {
      return key == null ? "null" : nameOf(key.getClass());
    }
    String text = key.toString();
    return text.length() <= KEY_LENGTH ? text : text.substring(0, KEY_LENGTH) + "…";
  }
}
