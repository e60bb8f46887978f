package multiprocessing.internal.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.TreeMemory;
import org.jspecify.annotations.Nullable;

/**
 * The program that is run to learn what belongs into an AOT cache: it does what children commonly
 * do, and loads the classes that a child of the program in question has loaded.
 *
 * <p>All that is in the cache is linked at the start of each child, at some ten microseconds a
 * class. So the cache of a program has what its children load, and no more; that of the library has
 * what any child may need.
 */
public final class AotTraining {
  /** How long a cache may take to be made. */
  static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final int BLOCK_BYTES = 4096;
  private static final int MOST_CLASSES = 4000;
  private static final String SOURCE = " source: ";
  private static final String CACHE = SOURCE + "shared objects file";
  private static final String INITIALIZING = " Initializing '";

  /** Used by children that do more with the memory of the tree than to know it. */
  private static final String SHARES = "multiprocessing.internal.shm.RecordQueue";

  private static final String PLUGGED_IN = "multiprocessing/internal/serial/Fory";

  private AotTraining() {}

  /**
   * Does its work and returns.
   *
   * @param arguments the file that lists further classes, or an empty text
   */
  public static void main(String[] arguments) throws IOException {
    Thread watchdog = new Thread(AotTraining::endInTime, "multiprocessing-watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
    new Rehearsal(new Session.Birth("AotTraining", "", true, null)).once();
    Set<String> listed = listed(arguments[0]);
    listed.forEach(AotTraining::load);
    boolean general = listed.isEmpty();
    if (general) {
      loadLibrary();
    }
    if (general || listed.contains(SHARES)) {
      train("training");
    }
  }

  /** Who waits for this process may be gone. */
  private static void endInTime() {
    try {
      TimeUnit.NANOSECONDS.sleep(LIMIT_NANOS);
    } catch (InterruptedException e) {
      // then at once
    }
    Runtime.getRuntime().halt(1);
  }

  /** Rooms above this one are not known here, and what runs in a child may need any of them. */
  private static void loadLibrary() throws IOException {
    String suffix = ".class";
    try (JarFile jar = new JarFile(JvmCommand.libraryPath().getFirst())) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        String name = entry.getName();
        boolean ours = name.startsWith("multiprocessing/") && !name.startsWith(PLUGGED_IN);
        if (ours && name.endsWith(suffix)) {
          load(name.substring(0, name.length() - suffix.length()).replace('/', '.'));
        }
      }
    }
  }

  /** The classes that a child has used, out of what its virtual machine has logged. */
  private static Set<String> listed(String listing) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    if (!listing.isEmpty() && Files.exists(Path.of(listing))) {
      for (String line : Files.readString(Path.of(listing)).split("\n", -1)) {
        String name = nameIn(line);
        if (name != null && names.size() < MOST_CLASSES) {
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

  /** Without running any of its code. */
  private static void load(String type) {
    try {
      Class.forName(type, false, AotTraining.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      // one that was made up at run time, or that does not fit to others: nothing to be kept
    }
  }

  private static void train(String captured) {
    TreeMemory memory = TreeMemory.get();
    memory.free(memory.allocate(BLOCK_BYTES));
    List<Object> values = new ArrayList<>(List.of(captured, 1, 2L, 3.0, true, new int[4]));
    values.add(new HashMap<>(Map.of("key", captured)));
    roundTrip(values);
    Codec codec = Codec.shared();
    codec.decode(codec.encodeFailure(new IllegalStateException(captured)).toBytes());
    Thread thread = new Thread(() -> roundTrip(captured));
    thread.start();
    System.out.println(captured);
    System.err.println(captured);
  }

  private static void roundTrip(Object value) {
    Payload payload = Codec.shared().encode(value);
    if (!value.getClass().isInstance(Codec.shared().decode(payload.toBytes()))) {
      throw new IllegalStateException("the codec does not give back what it was given");
    }
  }
}
