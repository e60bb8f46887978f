package multiprocessing.internal.serial;

import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What can be said of a lambda by looking at its class. */
final class Lambdas {
  private static final String MARK = "$$Lambda";

  /** The library's serializable twins of the JDK's functional interfaces. */
  private static final Map<String, String> TWINS =
      Map.of(
          "java.lang.Runnable", "SerializableRunnable",
          "java.util.concurrent.Callable", "SerializableCallable",
          "java.util.function.Function", "SerializableFunction",
          "java.util.function.BiFunction", "SerializableBiFunction",
          "java.util.function.Supplier", "SerializableSupplier");

  /** What tells the form of the lambdas of a class. */
  private static final ClassValue<Optional<Method>> FORMS =
      new ClassValue<>() {
        @Override
        protected Optional<Method> computeValue(Class<?> type) {
          return isLambda(type) ? writeReplace(type) : Optional.empty();
        }
      };

  private Lambdas() {}

  static boolean isLambda(Class<?> type) {
    return type.isHidden() && type.getName().contains(MARK);
  }

  private static Optional<Method> writeReplace(Class<?> lambda) {
    try {
      Method method = lambda.getDeclaredMethod("writeReplace");
      method.setAccessible(true);
      return Optional.of(method);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /** Returns the class in whose source a lambda is written. */
  static String home(Class<?> lambda) {
    return lambda.getName().substring(0, lambda.getName().indexOf(MARK));
  }

  /** Returns why a lambda that is not serializable cannot travel, and what to do about it. */
  static String reason(Class<?> lambda) {
    Class<?>[] interfaces = lambda.getInterfaces();
    Class<?> type = interfaces.length == 0 ? Runnable.class : interfaces[0];
    String twin = TWINS.get(type.getName());
    String name = type.getSimpleName();
    return "the lambda in "
        + home(lambda)
        + " is a "
        + type.getName()
        + ", which is not serializable; "
        + (twin == null ? "cast it" : "declare it as a " + twin + " instead, or cast it")
        + ": ("
        + name
        + " & java.io.Serializable)";
  }

  /** Returns what a serializable lambda has captured; nothing where its module is closed to us. */
  static List<Part> captures(String path, Object lambda) {
    List<Part> captures = new ArrayList<>();
    SerializedLambda form = form(lambda);
    for (int i = 0; form != null && i < form.getCapturedArgCount(); i++) {
      Object captured = form.getCapturedArg(i);
      if (captured != null) {
        boolean receiver = i == 0 && isOwnMethod(form);
        String name = receiver ? "this" : "(capture of type " + captured.getClass().getName() + ")";
        captures.add(new Part(path + "." + name, captured));
      }
    }
    return captures;
  }

  private static boolean isOwnMethod(SerializedLambda form) {
    return form.getImplMethodKind() != MethodHandleInfo.REF_invokeStatic
        && form.getImplMethodName().startsWith("lambda$");
  }

  /** Returns what a serializable lambda says of itself; null for others, and where it is closed. */
  static @Nullable SerializedLambda form(Object value) {
    Optional<Method> writeReplace = FORMS.get(value.getClass());
    if (writeReplace.isEmpty()) {
      return null;
    }
    try {
      return (SerializedLambda) writeReplace.get().invoke(value);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null;
    }
  }
}
