package multiprocessing.internal.jvm;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a child's class path or module path that an AOT cache is made for.
 *
 * <p>A cache is good for each class path that begins with its own, and for its own module path
 * alone. There are no caches for classes in folders.
 *
 * @param options how the virtual machine is told
 * @param jars what is on it
 */
record AotPath(List<String> options, List<String> jars) {
  private static final String CLASS_PATH = "--class-path";

  /** The library and what it needs; null where that is no jar, or no class path. */
  static @Nullable AotPath ofLibrary() {
    List<String> library = JvmCommand.libraryPath();
    return JvmCommand.isModular() || !areJars(library) ? null : ofClassPath(library);
  }

  /** As much as can be of the path of children; null if that is no more than the library. */
  static @Nullable AotPath ofProgram() {
    List<String> options = JvmCommand.path();
    if (JvmCommand.isModular()) {
      List<String> entries = new ArrayList<>();
      for (String option : new String[] {"--module-path", CLASS_PATH}) {
        int at = options.indexOf(option);
        entries.addAll(at < 0 ? List.of() : split(options.get(at + 1)));
      }
      return areJars(entries) ? new AotPath(options, entries) : null;
    }
    List<String> library = JvmCommand.libraryPath();
    List<String> entries = split(options.get(options.indexOf(CLASS_PATH) + 1));
    int count = 0;
    while (count < entries.size() && isJar(entries.get(count))) {
      count++;
    }
    return count > library.size() && areJars(library)
        ? ofClassPath(entries.subList(0, count))
        : null;
  }

  private static AotPath ofClassPath(List<String> jars) {
    String path = String.join(File.pathSeparator, jars);
    return new AotPath(List.of(CLASS_PATH, path), List.copyOf(jars));
  }

  private static List<String> split(String path) {
    return List.of(path.split(File.pathSeparator, -1));
  }

  private static boolean areJars(List<String> entries) {
    return entries.stream().allMatch(AotPath::isJar);
  }

  private static boolean isJar(String entry) {
    return new File(entry).isFile();
  }
}
