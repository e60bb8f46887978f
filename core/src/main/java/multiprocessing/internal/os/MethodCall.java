package multiprocessing.internal.os;

import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call of a method without result by its name, also of a private one of another module. By the
 * helper that needs nothing to be linked, which is what takes time in a young virtual machine.
 */
public final class MethodCall {
  private final Class<?> home;
  private final String method;
  private final MethodType type;
  private final @Nullable Object receiver;
  private final @Nullable Object[] arguments;

  /**
   * A call that can be made.
   *
   * @param home where the method is
   * @param receiver null for a static method
   * @param arguments boxed where they are primitives
   * @throws IllegalArgumentException if one of these is not what the method takes
   */
  public MethodCall(
      Class<?> home,
      String method,
      MethodType type,
      @Nullable Object receiver,
      @Nullable Object[] arguments) {
    boolean fits =
        type.returnType() == void.class
            && type.parameterCount() == arguments.length
            && (receiver == null || home.isInstance(receiver));
    for (int i = 0; fits && i < arguments.length; i++) {
      fits = fits(type.parameterType(i), arguments[i]);
    }
    if (!fits) {
      throw new IllegalArgumentException("arguments that " + method + type + " does not take");
    }
    this.home = home;
    this.method = method;
    this.type = type;
    this.receiver = receiver;
    this.arguments = arguments;
  }

  private static boolean fits(Class<?> parameter, @Nullable Object argument) {
    return parameter.isPrimitive()
        ? argument != null
            && MethodType.methodType(parameter).wrap().returnType().isInstance(argument)
        : argument == null || parameter.isInstance(argument);
  }

  /**
   * Makes the call.
   *
   * @throws Throwable what the method throws, or why there is no way to it
   */
  public void run() throws Throwable {
    if (HelperLibrary.IS_LINKED) {
      runByHelper();
      return;
    }
    try {
      Method target = home.getDeclaredMethod(method, type.parameterArray());
      target.setAccessible(true);
      target.invoke(receiver, arguments);
    } catch (InvocationTargetException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }

  private void runByHelper() {
    @Nullable Object[] objects = arguments.clone();
    long[] bits = new long[objects.length];
    for (int i = 0; i < objects.length; i++) {
      if (type.parameterType(i).isPrimitive()) {
        bits[i] = bits(Objects.requireNonNull(objects[i]));
        objects[i] = null;
      }
    }
    HelperCalls.run(home, method, type.toMethodDescriptorString(), receiver, objects, bits);
  }

  private static long bits(Object box) {
    return switch (box) {
      case Boolean truth -> truth ? 1 : 0;
      case Character character -> character;
      case Float number -> Float.floatToRawIntBits(number);
      case Double number -> Double.doubleToRawLongBits(number);
      default -> ((Number) box).longValue();
    };
  }
}
