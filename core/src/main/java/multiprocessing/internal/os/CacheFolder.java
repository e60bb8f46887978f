package multiprocessing.internal.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.zip.CRC32;
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

  /**
   * Sees to it that the folder has a file with this content, and gives its path.
   *
   * <p>Each content has a file of its own, so that versions of the library do not compete. The
   * checksum in its name need not be a strong one, since all of the file is compared; a strong one
   * costs 20 ms in a young JVM.
   */
  public static Path keep(Path folder, String begin, String end, byte[] content)
      throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(content);
    String name = begin + "-" + Long.toHexString(checksum.getValue()) + end;
    Path file = folder.resolve(name);
    if (holds(file, content)) {
      return file;
    }
    // By the kernel: no system call can be made here yet, and the JDK keeps a pid for ever.
    Path self = Files.readSymbolicLink(Path.of("/proc/self"));
    String mark = self + "-" + Thread.currentThread().threadId() + "-" + System.nanoTime();
    Path part = folder.resolve(name + "." + mark);
    try { // written beside it and moved there, so that nobody ever sees half of it
      Files.write(part, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
    return file;
  }

  private static boolean holds(Path file, byte[] content) {
    try {
      return Files.size(file) == content.length && Arrays.equals(Files.readAllBytes(file), content);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isClosed(Path folder) throws IOException {
    boolean ours =
        Files.getAttribute(folder, "unix:uid")
            .equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    return ours && ((int) Files.getAttribute(folder, "unix:mode") & 0022) == 0;
  }
}
