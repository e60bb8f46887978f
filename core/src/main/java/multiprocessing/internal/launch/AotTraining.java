package multiprocessing.internal.launch;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import multiprocessing.internal.jvm.JvmCommand;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.TreeMemory;
import org.jspecify.annotations.Nullable;

/**
 * The task of the child that is run to learn what belongs into an AOT cache: it does what children
 * commonly do, and loads the classes that a child of the program in question has loaded.
 *
 * <p>All that is in the cache is linked at the start of each child, at some ten microseconds a
 * class. So the cache of a program has what its children load, and no more; that of the library has
 * what any child may need.
 */
final class AotTraining {
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
   * A child that does it.
   *
   * @param listing the file that lists the classes of a program; empty for those of the library
   */
  @SuppressWarnings("serial") // who can send this could send anything
  static LaunchRequest request(String listing) {
    Runnable task = (Runnable & Serializable) () -> run(listing); // as most tasks are
    return new LaunchRequest(
            new Session.Birth("AotTraining", "", true, null), Session.get().authKey(), task)
        .hidden();
  }

  static void run(String listing) {
    Set<String> listed = listed(listing);
    listed.forEach(AotTraining::load);
    boolean general = listed.isEmpty();
    if (general) {
      loadLibrary();
    }
    if (general || listed.contains(SHARES)) {
      train("training");
    }
  }

  /** Rooms above this one are not known here, and what runs in a child may need any of them. */
  private static void loadLibrary() {
    String suffix = ".class";
    try (JarFile jar = new JarFile(JvmCommand.libraryPath().getFirst())) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        String name = entry.getName();
        boolean ours = name.startsWith("multiprocessing/") && !name.startsWith(PLUGGED_IN);
        if (ours && name.endsWith(suffix)) {
          load(name.substring(0, name.length() - suffix.length()).replace('/', '.'));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the jar of the library", e);
    }
  }

  /** The classes that a child has used, out of what its virtual machine has logged. */
  private static Set<String> listed(String listing) {
    Set<String> names = new LinkedHashSet<>();
    if (!listing.isEmpty() && Files.exists(Path.of(listing))) {
      for (String line : linesOf(Path.of(listing))) {
        String name = nameIn(line);
        if (name != null && names.size() < MOST_CLASSES) {
          names.add(name);
        }
      }
    }
    return names;
  }

  private static String[] linesOf(Path file) {
    try {
      return Files.readString(file).split("\n", -1);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
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
    Rehearsal.doTheUsual(codec);
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
