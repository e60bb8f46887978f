package multiprocessing.internal.jvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The classes that children of a program have used, which its {@link AotCache} is made of: one name
 * on a line, in a file beside the cache.
 */
public final class AotNames {
  private static final String SUFFIX = ".names";
  private static final String SOURCE = " source: ";
  private static final String CACHE = SOURCE + "shared objects file";
  private static final String INITIALIZING = " Initializing '";

  private AotNames() {}

  /** The file of a cache. */
  public static Path of(Path cache) {
    return cache.resolveSibling(cache.getFileName() + SUFFIX);
  }

  /** The names in a file; none if there is no such file. */
  public static Set<String> read(Path file) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    if (Files.exists(file)) {
      names.addAll(Files.readAllLines(file));
    }
    return names;
  }

  public static void write(Path file, Set<String> names) throws IOException {
    Files.writeString(file, String.join("\n", names));
  }

  /** The names in what the virtual machine of a child has logged; none if it has not. */
  public static Set<String> logged(Path log) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    if (Files.exists(log)) {
      for (String line : Files.readString(log).split("\n", -1)) {
        String name = nameIn(line);
        if (name != null) {
          names.add(name);
        }
      }
    }
    return names;
  }

  /**
   * The class that was initialized, or was loaded from elsewhere than a cache: all that is in a
   * cache is loaded, be it used or not.
   */
  private static @Nullable String nameIn(String line) {
    int start = line.indexOf(INITIALIZING) + INITIALIZING.length();
    int end = line.indexOf('\'', start);
    if (start >= INITIALIZING.length() && end > 0) {
      return line.substring(start, end).replace('/', '.');
    }
    int source = line.indexOf(SOURCE);
    boolean loaded = source > 0 && !line.endsWith(CACHE) && line.lastIndexOf('/', source) < 0;
    return loaded ? line.substring(0, source) : null;
  }
}
