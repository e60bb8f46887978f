package multiprocessing.internal.os;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Brings the C library out of the jar into this process: through a file in the user's cache folder,
 * which tools that look into a process can read and all processes share; or, where that folder
 * cannot be used, through memory.
 *
 * <p>By {@code dlopen} itself, since that tells what is wrong where it fails, and takes a file that
 * has no name.
 */
final class HelperLibrary {
  private static final String NAME = "libmultiprocessing";
  private static final int RTLD_NOW = 2;
  private static final long LONGEST_ERROR = 4096;
  private static final MethodHandle DLOPEN = SystemCall.bind("dlopen");
  private static final MethodHandle DLERROR = SystemCall.bind("dlerror");

  private HelperLibrary() {}

  /**
   * Loads the library.
   *
   * @return its handle, for {@code dlsym}
   * @throws UnsupportedOperationException if it cannot be loaded; the message says what to do
   */
  static long load() {
    String architecture = System.getProperty("os.arch", "?").replace("amd64", "x86_64");
    byte[] content = content("/META-INF/native/" + architecture + "/" + NAME + ".so");
    if (content == null) {
      throw new UnsupportedOperationException(
          "this build of multiprocessing cannot fork on "
              + architecture
              + ": build it where there is a C compiler for that");
    }
    try {
      Path folder = CacheFolder.of("native");
      if (folder != null) {
        return open(unpack(folder, content).toString());
      }
    } catch (IOException | RuntimeException e) {
      // A read-only or full disk, or one that no code may be run from: memory has none of this.
    }
    try {
      return openInMemory(content);
    } catch (RuntimeException e) {
      throw new UnsupportedOperationException(
          "the helper that forks cannot be loaded; it needs glibc 2.35 or newer, and leave to run"
              + " code from the cache folder or from memory: "
              + e.getMessage(),
          e);
    }
  }

  private static byte @Nullable [] content(String resource) {
    try (InputStream stream = HelperLibrary.class.getResourceAsStream(resource)) {
      return stream == null ? null : stream.readAllBytes();
    } catch (IOException e) {
      throw new UnsupportedOperationException(
          "the helper that forks cannot be read, is the jar whole? " + e, e);
    }
  }

  /**
   * Sees to it that the folder has a file with this content, and gives its path.
   *
   * <p>Each content has a file of its own, so that versions of the library do not compete. The
   * checksum in its name need not be a strong one, since all of the file is compared; a strong one
   * costs 20 ms in a young JVM.
   */
  static Path unpack(Path folder, byte[] content) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(content);
    String name = NAME + "-" + Long.toHexString(checksum.getValue()) + ".so";
    Path file = folder.resolve(name);
    if (holds(file, content)) {
      return file;
    }
    String self = ProcessControl.pid() + "-" + Thread.currentThread().threadId();
    Path part = folder.resolve(name + "." + self + "-" + System.nanoTime());
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

  static long openInMemory(byte[] content) {
    int fd = Descriptors.memoryFile("multiprocessing-fork", content);
    try {
      // Not by way of /proc/self: dlopen knows libraries by their names, and whoever has loaded
      // another one so before will have taken that one.
      return open("/proc/thread-self/fd/" + fd);
    } finally {
      Descriptors.close(fd);
    }
  }

  @SuppressWarnings("restricted") // dlerror gives a text that ends, and that the C library owns
  private static long open(String path) {
    try (Arena arena = Arena.ofConfined()) {
      long handle = SystemCall.result(DLOPEN, arena.allocateFrom(path).address(), RTLD_NOW);
      if (handle == 0) {
        long error = SystemCall.result(DLERROR);
        throw new UnsupportedOperationException(
            error == 0
                ? path
                : MemorySegment.ofAddress(error).reinterpret(LONGEST_ERROR).getString(0));
      }
      return handle;
    }
  }
}
