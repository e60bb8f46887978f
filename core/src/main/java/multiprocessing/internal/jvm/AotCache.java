package multiprocessing.internal.jvm;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import multiprocessing.internal.os.CacheFolder;
import multiprocessing.internal.os.MachineMemory;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * Where children find classes loaded and linked beforehand, which more than halves their start.
 *
 * <p>There is a cache of the library's classes, for each JDK and build of the library; and one for
 * each program, for its class path or module path as a whole, which has the classes of the program
 * too that its children load; a child whose task is written in a class that is not among them has
 * it made anew, with what it loads in addition, a few times in each run of the program at most.
 * They are files in the user's cache folder, made in the background by a process of its own, never
 * waited for, and used from the next start on; that of the program is made when there is one of the
 * library. A virtual machine that cannot use a cache goes on without; the first child of each
 * parent looks whether that was so, and then the file is removed.
 *
 * <p>The system property {@code multiprocessing.aot=off} switches all of it off; with {@code now}
 * the making does not yield to other work. It is off by itself where the library is a folder, since
 * the JDK knows no caches for those; a program has a cache as far as its class path begins with
 * jars.
 */
public final class AotCache {
  private static final String PROPERTY = "multiprocessing.aot";
  private static final String URGENT = "now";
  private static final String FORMAT = "4";
  private static final int TRIES = 3;

  /** How often one process has the cache of a program made anew. */
  private static final int MOST_LESSONS = 8;

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

  /** How old the note may get that a cache is in use. */
  private static final long USE_NOTED_MILLIS = TimeUnit.DAYS.toMillis(1);

  private static final class Holder {
    static final @Nullable AotCache LIBRARY = open(AotPath.ofLibrary());
    static final @Nullable AotCache PROGRAM = open(AotPath.ofProgram());

    /** The most that a virtual machine takes for its heap unless it is told otherwise. */
    static final long USUAL_HEAP = MachineMemory.bytes() / 4;
  }

  private static volatile @Nullable Class<?> maker;
  private static volatile List<String> main = List.of();

  private final Path file;
  private final AotPath path;
  private final AtomicBoolean checked = new AtomicBoolean();
  private final AtomicBoolean making = new AtomicBoolean();
  private final AtomicReference<@Nullable String> listing = new AtomicReference<>();
  private volatile @Nullable Set<String> names;
  private String lesson = "";
  private int lessons;
  private volatile boolean missed;
  private volatile boolean noted;

  private AotCache(Path file, AotPath path) {
    this.file = file;
    this.path = path;
  }

  /**
   * Says what is run for it.
   *
   * @param maker the main class of the process that makes a cache
   * @param child the main class of children
   */
  public static void madeBy(Class<?> maker, Class<?> child) {
    AotCache.maker = maker;
    AotCache.main = JvmCommand.main(child, "AotTraining");
  }

  /** The cache for children of this process, be it there or not; null if there can be none. */
  public static @Nullable AotCache get() {
    AotCache library = Holder.LIBRARY;
    AotCache program = Holder.PROGRAM;
    return library == null || (program != null && program.isMade()) ? program : library;
  }

  private static @Nullable AotCache open(@Nullable AotPath path) {
    if (path == null || "off".equals(System.getProperty(PROPERTY))) {
      return null;
    }
    StringBuilder key = new StringBuilder(FORMAT);
    key.append(System.getProperty("java.home")).append(System.getProperty("java.vm.version"));
    path.options().forEach(option -> key.append('|').append(option));
    for (String jar : path.jars()) {
      File entry = new File(jar);
      key.append('|').append(entry.length()).append('@').append(entry.lastModified());
    }
    for (String option : ParentOptions.get().inherited()) {
      if (option.startsWith("--") || option.startsWith("-X")) {
        key.append('|').append(option);
      }
    }
    JvmCommand.moduleOptions().forEach(key::append);
    try {
      Path folder = CacheFolder.of("aot");
      return folder == null
          ? null
          : new AotCache(folder.resolve(hash(key.toString()) + ".aot"), path);
    } catch (IOException | RuntimeException e) {
      Log.debug("no AOT cache: " + e);
      return null;
    }
  }

  private boolean isMade() {
    return !missed && file.toFile().isFile();
  }

  /** FNV-1a, of 64 bits. */
  private static String hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xff)) * 0x100000001b3L;
    }
    return Long.toHexString(hash);
  }

  /**
   * Whether a child with these options of the user's can be given the cache now.
   *
   * @param home the class in which its task is written; empty for a child that the library starts
   *     for itself
   */
  public boolean isFor(List<String> userOptions, String home) {
    boolean hidden = home.isEmpty();
    if (!isMade()) {
      if (hidden) {
        makeUnlessThere(); // nobody will call makeAfter
      }
      return false;
    }
    long heap = Holder.USUAL_HEAP;
    for (String option : userOptions) {
      for (String conflict : CONFLICTS) {
        if (option.startsWith(conflict)) {
          return false;
        }
      }
      if (option.startsWith("-Xmx")) {
        heap = sizeOf(option.substring("-Xmx".length()));
      }
    }
    boolean usable = heap < WIDE_HEAP;
    if (usable) {
      noteUse();
      if (!hidden) {
        haveProgramMade(home);
      }
    }
    return usable;
  }

  /** Those that were not used for long are removed first. */
  private void noteUse() {
    if (!noted) {
      noted = true;
      long now = System.currentTimeMillis();
      File cache = file.toFile();
      if (now - cache.lastModified() > USE_NOTED_MILLIS && !cache.setLastModified(now)) {
        Log.debug("cannot note the use of " + file);
      }
    }
  }

  /** The next child, which is given this cache, is to list what else it loads. */
  private void haveProgramMade(String home) {
    AotCache program = Holder.PROGRAM;
    if (program == null || !(program == this ? isToLearn(home) : program.isToBeMade())) {
      return;
    }
    String name = program.file.getFileName() + "." + Session.get().pid() + ".classes";
    String log = program.file.resolveSibling(name).toString();
    boolean sayable = log.indexOf(':') < 0 && log.indexOf('"') < 0;
    if (sayable) {
      listing.set(log);
      program.make(log, home);
    } else if (program != this) {
      program.make("", "");
    }
  }

  /** Whether a task is new, and the one before it has been learned. */
  private synchronized boolean isToLearn(String home) {
    if (knows(home) || lessons == MOST_LESSONS || Session.get().isDaemon()) {
      return false;
    }
    names = null; // others may have had it made meanwhile
    if (knows(home) || !knows(lesson)) {
      return false;
    }
    lesson = home;
    lessons++;
    return true;
  }

  private boolean knows(String home) {
    Set<String> known = names;
    if (home.isEmpty()) {
      return true;
    }
    if (known == null) {
      try {
        known = AotNames.read(AotNames.of(file));
      } catch (IOException e) {
        return true; // then leave it as it is
      }
      names = known;
    }
    return known.contains(home);
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
  public List<String> options() {
    List<String> options = new ArrayList<>();
    options.add("-XX:AOTCache=" + file);
    options.add("-XX:AOTMode=auto");
    options.add("-Xlog:aot*=off:stderr");
    options.add("-Xlog:cds*=off:stderr");
    String classes = listing.getAndSet(null);
    if (classes != null) {
      options.add("-Xlog:class+load,class+init=info:file=" + classes + ":none:filecount=0");
    }
    return options;
  }

  /** Whether a child is to look if its virtual machine has used the cache; true once. */
  public boolean isToBeChecked(List<String> userOptions) {
    // With options of the user's, such as another collector, it may not be usable, and be sound.
    return userOptions.isEmpty() && !checked.getAndSet(true);
  }

  /** Called in a child: whether its virtual machine has mapped a cache. */
  public static boolean isInUse() {
    try (FileInputStream maps = new FileInputStream("/proc/self/maps")) {
      return new String(maps.readAllBytes(), StandardCharsets.ISO_8859_1).contains(".aot\n");
    } catch (IOException e) {
      return true; // nothing is known against it
    }
  }

  /** A child that was given the cache has not used it, or has crashed: removes it. */
  public void miss() {
    missed = true;
    try {
      Files.deleteIfExists(file);
      countFailure(bad());
      Log.debug("the AOT cache " + file + " was not usable, and is removed");
    } catch (IOException e) {
      Log.debug("the AOT cache " + file + " is not usable: " + e);
    }
  }

  /** Sees to it that the cache is made if there is none; at most once in this process. */
  public void makeUnlessThere() {
    if (isToBeMade()) {
      make("", "");
    }
  }

  private boolean isToBeMade() {
    return !file.toFile().exists() && !Session.get().isDaemon() && !making.getAndSet(true);
  }

  private void make(String listing, String home) {
    Class<?> program = maker;
    if (program != null) {
      List<String> options = JvmCommand.options(List.of());
      options.addAll(path.options());
      boolean urgent = URGENT.equals(System.getProperty(PROPERTY));
      new AotOrders(file, bad(), listing, home, urgent, options, main).start(program);
    }
  }

  /** Counts the failures, one byte for each. */
  private Path bad() {
    return file.resolveSibling(file.getFileName() + ".bad");
  }

  /** Notes down that one could not be made. */
  public static void countFailure(Path bad) throws IOException {
    Files.write(bad, new byte[1], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Whether there were several failures lately: then another try would fare no better. */
  public static boolean isHopeless(Path bad) throws IOException {
    File file = bad.toFile();
    if (System.currentTimeMillis() - file.lastModified() > BAD_FOR_MILLIS) {
      Files.deleteIfExists(bad);
    }
    return file.length() >= TRIES;
  }
}
