package multiprocessing.internal.os;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Brings the C library out of the jar into this process: through a file in the user's cache folder,
 * which tools that look into a process can read and all processes share; or, where that folder
 * cannot be used, through memory.
 *
 * <p>The file is loaded as Java loads a library, so that its native methods work. A child is told
 * by its parent where the file is, which spares it to look into the jar. Memory, which has no name,
 * and a library that another class loader has loaded, are for {@code dlopen} alone: then there are
 * no native methods, but all functions.
 */
final class HelperLibrary {
  /** Where a child finds the file. */
  static final String PLACE = "multiprocessing.helper";

  /** Switches the library off. */
  static final String SWITCH = "multiprocessing.fork";

  /** Whether {@link HelperCalls} work. */
  static final boolean IS_LINKED;

  /** The file; null if there is none that can be loaded. */
  static final @Nullable String FILE;

  private static final String NAME = "libmultiprocessing";
  private static final int RTLD_NOW = 2;
  private static final long LONGEST_ERROR = 4096;

  static {
    String file = null;
    if (!isOff()) {
      file = System.getProperty(PLACE);
      if (file == null || !isLinkable(file)) {
        file = unpacked();
        file = file != null && isLinkable(file) ? file : null;
      }
    }
    FILE = file;
    IS_LINKED = file != null;
  }

  private HelperLibrary() {}

  static boolean isOff() {
    return "off".equals(System.getProperty(SWITCH));
  }

  @SuppressWarnings("restricted") // the file is ours
  private static boolean isLinkable(String file) {
    try {
      System.load(file);
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false; // another way is found to be better, or tells what is wrong
    }
  }

  private static @Nullable String unpacked() {
    try {
      byte[] content = content(resource());
      Path folder = content == null ? null : CacheFolder.of("native");
      return content == null || folder == null ? null : unpack(folder, content).toString();
    } catch (IOException | RuntimeException e) {
      return null; // as above
    }
  }

  private static String resource() {
    return "/META-INF/native/" + architecture() + "/" + NAME + ".so";
  }

  private static String architecture() {
    return System.getProperty("os.arch", "?").replace("amd64", "x86_64");
  }

  /**
   * Loads the library where it is not linked.
   *
   * @return its handle, for {@code dlsym}
   * @throws UnsupportedOperationException if it cannot be loaded; the message says what to do
   */
  static long load() {
    byte[] content = content(resource());
    if (content == null) {
      throw new UnsupportedOperationException(
          "this build of multiprocessing cannot fork on "
              + architecture()
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

  /** Sees to it that the folder has a file with this content, and gives its path. */
  static Path unpack(Path folder, byte[] content) throws IOException {
    return CacheFolder.keep(folder, NAME, ".so", content);
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
      long handle =
          SystemCall.result(
              SystemCall.find("dlopen"), arena.allocateFrom(path).address(), RTLD_NOW);
      if (handle == 0) {
        long error = SystemCall.result(SystemCall.find("dlerror"));
        throw new UnsupportedOperationException(
            error == 0
                ? path
                : MemorySegment.ofAddress(error).reinterpret(LONGEST_ERROR).getString(0));
      }
      return handle;
    }
  }
}
