package multiprocessing.internal.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** The library's folders in the user's cache folder, where it keeps what it can make again. */
public final class CacheFolder {
  private CacheFolder() {}

  /**
   * The folder of this name, made where it is missing. It must be this user's alone: what is in it
   * is run as code.
   *
   * @return null if it is not, or if this user has no place for caches
   */
  public static @Nullable Path of(String name) throws IOException {
    String caches = System.getenv("XDG_CACHE_HOME");
    Path base =
        caches != null && caches.startsWith("/")
            ? Path.of(caches)
            : Path.of(System.getProperty("user.home"), ".cache");
    if (!base.isAbsolute()) {
      return null; // this user has no home
    }
    Path library = base.resolve("multiprocessing");
    Path folder = library.resolve(name);
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    // Whoever may write to the outer one could put another folder in the place of the inner one.
    return isClosed(library) && isClosed(folder) ? folder : null;
  }

  private static boolean isClosed(Path folder) throws IOException {
    boolean ours =
        Files.getAttribute(folder, "unix:uid")
            .equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    return ours && ((int) Files.getAttribute(folder, "unix:mode") & 0022) == 0;
  }
}
