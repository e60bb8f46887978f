package multiprocessing.internal.launch;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import multiprocessing.internal.os.CacheFolder;
import multiprocessing.internal.os.MachineMemory;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * Where children find the library's classes loaded and linked beforehand, which halves their start.
 *
 * <p>One file for each JDK and build of the library, in the user's cache folder. It is made in the
 * background by {@link AotMaker}, never waited for, and used from the next start on. A virtual
 * machine that cannot use it goes on without; the first child of each parent looks whether that was
 * so, and then the file is put aside.
 *
 * <p>The system property {@code multiprocessing.aot=off} switches all of it off. It is off by
 * itself where the library is not a jar on the class path, since the JDK knows no caches for
 * directories.
 */
final class AotCache {
  private static final String PROPERTY = "multiprocessing.aot";
  private static final String FORMAT = "1";
  private static final int TRIES = 3;
  private static final long BAD_FOR_MILLIS = TimeUnit.DAYS.toMillis(1);

  /** Options that make the virtual machine refuse a cache, which then costs more than none. */
  private static final String[] CONFLICTS = {
    "-Xshare",
    "-Xbootclasspath",
    "-XX:AOT",
    "-XX:SharedArchive",
    "-XX:Archive",
    "-XX:+Use",
    "-XX:-Use",
    "-XX:ObjectAlignment",
    "-XX:MaxRAM",
    "-XX:MaxHeapSize",
    "--enable-preview",
    "--limit-modules",
    "--patch-module",
    "--upgrade-module-path"
  };

  /** From here on references take 64 bits, and those of the cache do not. */
  private static final long WIDE_HEAP = 32L << 30;

  private static final class Holder {
    static final @Nullable AotCache CACHE = open();
  }

  private final Path file;
  private final AtomicBoolean checked = new AtomicBoolean();
  private final AtomicBoolean making = new AtomicBoolean();
  private volatile boolean missed;

  private AotCache(Path file) {
    this.file = file;
  }

  /** The cache for children of this process; null if there can be none. */
  static @Nullable AotCache get() {
    return Holder.CACHE;
  }

  private static @Nullable AotCache open() {
    boolean off = "off".equals(System.getProperty(PROPERTY)) || JvmCommand.isModular();
    List<String> jars = JvmCommand.libraryPath();
    StringBuilder key = new StringBuilder(FORMAT);
    key.append(System.getProperty("java.home")).append(System.getProperty("java.vm.version"));
    for (String jar : jars) {
      File entry = new File(jar);
      off |= !entry.isFile();
      key.append('|').append(jar).append(entry.length()).append('@').append(entry.lastModified());
    }
    if (off) {
      return null;
    }
    for (String option : ParentOptions.get().inherited()) {
      if (option.startsWith("--") || option.startsWith("-X")) {
        key.append('|').append(option);
      }
    }
    JvmCommand.moduleOptions().forEach(key::append);
    try {
      Path folder = CacheFolder.of("aot");
      return folder == null ? null : new AotCache(folder.resolve(hash(key.toString()) + ".aot"));
    } catch (IOException | RuntimeException e) {
      Log.debug("no AOT cache: " + e);
      return null;
    }
  }

  /** FNV-1a, of 64 bits. */
  private static String hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xff)) * 0x100000001b3L;
    }
    return Long.toHexString(hash);
  }

  /** Whether a child with these options of the user's can be given the cache now. */
  boolean isFor(LaunchRequest request) {
    if (missed || !file.toFile().isFile()) {
      return false;
    }
    long heap = MachineMemory.bytes() / 4;
    for (String option : request.jvmOptions) {
      for (String conflict : CONFLICTS) {
        if (option.startsWith(conflict)) {
          return false;
        }
      }
      if (option.startsWith("-Xmx")) {
        heap = sizeOf(option.substring("-Xmx".length()));
      }
    }
    return heap < WIDE_HEAP;
  }

  /** A size as the virtual machine reads it; without bound if it is none, and is refused anyway. */
  private static long sizeOf(String text) {
    int end = text.length() - 1;
    int shift =
        switch (text.isEmpty() ? ' ' : text.charAt(end)) {
          case 'k', 'K' -> 10;
          case 'm', 'M' -> 20;
          case 'g', 'G' -> 30;
          case 't', 'T' -> 40;
          default -> 0;
        };
    try {
      long number = Long.parseLong(shift == 0 ? text : text.substring(0, end));
      return Math.multiplyExact(number, 1L << shift);
    } catch (NumberFormatException | ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  /** What a child's virtual machine is told to use the cache, and not to talk about it. */
  List<String> options() {
    return List.of(
        "-XX:AOTCache=" + file,
        "-XX:AOTMode=auto",
        "-Xlog:aot*=off:stderr",
        "-Xlog:cds*=off:stderr");
  }

  /** Whether a child is to look if its virtual machine has used the cache; true once. */
  boolean isToBeChecked(LaunchRequest request) {
    // With options of the user's, such as another collector, it may not be usable, and be sound.
    return request.jvmOptions.isEmpty() && !checked.getAndSet(true);
  }

  /** Called in a child: whether its virtual machine has mapped a cache. */
  static boolean isInUse() {
    try (FileInputStream maps = new FileInputStream("/proc/self/maps")) {
      return new String(maps.readAllBytes(), StandardCharsets.ISO_8859_1).contains(".aot\n");
    } catch (IOException e) {
      return true; // nothing is known against it
    }
  }

  /** A child that was given the cache has not used it, or has crashed: removes it. */
  void miss() {
    missed = true;
    try {
      Files.deleteIfExists(file);
      Files.write(bad(), new byte[1], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      Log.debug("the AOT cache " + file + " was not usable, and is removed");
    } catch (IOException e) {
      Log.debug("the AOT cache " + file + " is not usable: " + e);
    }
  }

  /** Sees to it that the cache is made if there is none; at most once in this process. */
  void makeAfter(Child first) {
    if (!file.toFile().exists() && !Session.get().isDaemon() && !making.getAndSet(true)) {
      AotMaker.start(this, first);
    }
  }

  Path file() {
    return file;
  }

  /** Counts the misses, one byte for each. */
  private Path bad() {
    return file.resolveSibling(file.getFileName() + ".bad");
  }

  /** Whether several were removed lately: then another one would fare no better. */
  boolean isHopeless() throws IOException {
    File bad = bad().toFile();
    if (System.currentTimeMillis() - bad.lastModified() > BAD_FOR_MILLIS) {
      Files.deleteIfExists(bad.toPath());
    }
    return bad.length() >= TRIES;
  }
}
