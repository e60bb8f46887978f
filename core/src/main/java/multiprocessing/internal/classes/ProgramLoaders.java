package multiprocessing.internal.classes;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import multiprocessing.internal.serial.Loaders;
import org.jspecify.annotations.Nullable;

/**
 * The class loaders of this process that no child has by itself: other than those of the class path
 * and the JDK. An ordinary program has none.
 *
 * <p>There is no way to list the loaders of a process. So each start of a child looks at those by
 * which the program shows itself: that of the task, the context loader of the thread that starts,
 * and the one that loaded the library. Once seen, a loader counts for all later children.
 */
public final class ProgramLoaders {
  private static final String SOURCE_LAUNCHER = "jdk.compiler/com.sun.tools.javac.launcher.";

  private static final List<WeakReference<ClassLoader>> NOTED = new CopyOnWriteArrayList<>();

  private ProgramLoaders() {}

  /**
   * Looks around.
   *
   * @param user a class of the program, such as that of a task
   * @return whether there are such loaders
   */
  public static boolean note(Class<?> user) {
    note(user.getClassLoader());
    note(Thread.currentThread().getContextClassLoader());
    note(ProgramLoaders.class.getClassLoader());
    if (NOTED.isEmpty() && isSourceLauncher()) {
      note(loaderOfMain());
    }
    return !NOTED.isEmpty();
  }

  private static void note(@Nullable ClassLoader loader) {
    if (isOrdinary(loader) || all().contains(loader)) {
      return;
    }
    synchronized (NOTED) {
      if (!all().contains(loader)) {
        if (all().isEmpty()) {
          Loaders.setProgram(loader);
        }
        NOTED.removeIf(each -> each.get() == null);
        NOTED.add(new WeakReference<>(loader));
      }
    }
  }

  /** Whether each process of the tree has this loader, or one that finds the same. */
  static boolean isOrdinary(@Nullable ClassLoader loader) {
    if (loader == null) {
      return true;
    }
    for (ClassLoader each = ClassLoader.getSystemClassLoader();
        each != null;
        each = each.getParent()) {
      if (each == loader) {
        return true;
      }
    }
    return false;
  }

  /** The loaders, the first that was noted first. */
  static List<ClassLoader> all() {
    List<ClassLoader> loaders = new ArrayList<>();
    for (WeakReference<ClassLoader> each : NOTED) {
      ClassLoader loader = each.get();
      if (loader != null) {
        loaders.add(loader);
      }
    }
    return loaders;
  }

  /**
   * Loads a class of the program.
   *
   * @throws ClassNotFoundException if no loader that is known here has it
   */
  public static Class<?> load(String name) throws ClassNotFoundException {
    note(ProgramLoaders.class);
    for (ClassLoader loader : all()) {
      try {
        return Class.forName(name, false, loader);
      } catch (ClassNotFoundException e) {
        // perhaps the next one
      }
    }
    return Class.forName(name, false, ProgramLoaders.class.getClassLoader());
  }

  private static boolean isSourceLauncher() {
    return System.getProperty("sun.java.command", "").startsWith(SOURCE_LAUNCHER);
  }

  /** A program that was compiled in memory: only its own threads know the loader. */
  private static @Nullable ClassLoader loaderOfMain() {
    ThreadGroup all = Thread.currentThread().getThreadGroup();
    for (ThreadGroup above = all; above != null; above = all.getParent()) {
      all = above;
    }
    Thread[] threads = new Thread[all.activeCount() + 16];
    int count = all.enumerate(threads);
    for (int i = 0; i < count; i++) {
      ClassLoader loader = threads[i].getContextClassLoader();
      if (!isOrdinary(loader)) {
        return loader;
      }
    }
    return null;
  }
}
