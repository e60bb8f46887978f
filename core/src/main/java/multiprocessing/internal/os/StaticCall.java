package multiprocessing.internal.os;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Objects;

/**
 * Calls a static method without parameters and result by its name, also a private one of another
 * module. By the helper that needs nothing to be linked, which is what takes time in a young
 * virtual machine.
 */
public final class StaticCall {
  private StaticCall() {}

  /**
   * Runs the method.
   *
   * @throws Throwable what it throws, or why there is no way to it
   */
  public static void run(Class<?> home, String method) throws Throwable {
    if (HelperLibrary.IS_LINKED) {
      HelperCalls.run(home, method);
      return;
    }
    try {
      Method target = home.getDeclaredMethod(method);
      target.setAccessible(true);
      target.invoke(null);
    } catch (InvocationTargetException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }
}
