package multiprocessing.internal.serial;

import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  private Lambdas() {}

  static boolean isLambda(Class<?> type) {
    return type.isHidden() && type.getName().contains(MARK);
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

  /** Returns what a serializable lambda says of itself; null where its module is closed to us. */
  static @Nullable SerializedLambda form(Object lambda) {
    try {
      Method writeReplace = lambda.getClass().getDeclaredMethod("writeReplace");
      writeReplace.setAccessible(true);
      return (SerializedLambda) writeReplace.invoke(lambda);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null;
    }
  }
}
