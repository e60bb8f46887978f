package multiprocessing.internal.serial;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/** By which loader the classes of messages are looked up. */
public final class Loaders {
  private static final WeakReference<ClassLoader> NONE = new WeakReference<>(null);

  private static volatile WeakReference<ClassLoader> program = NONE;

  private Loaders() {}

  /**
   * Names the loader of a program whose classes are not on the class path. Threads that were not
   * made by the program itself, such as those of the common pool, do not know it.
   */
  public static void setProgram(@Nullable ClassLoader loader) {
    program = new WeakReference<>(loader);
  }

  /** The context loader of this thread, unless that is none or the loader of the class path. */
  static ClassLoader current() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    if (context == null || context == ClassLoader.getSystemClassLoader()) {
      ClassLoader own = program.get();
      if (own != null) {
        return own;
      }
    }
    return context != null ? context : Loaders.class.getClassLoader();
  }
}
