package multiprocessing.internal.launch;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import multiprocessing.internal.jvm.AotNames;
import multiprocessing.internal.jvm.JvmCommand;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.TreeMemory;

/**
 * The task of the child that is run to learn what belongs into an AOT cache: it does what children
 * commonly do, and loads the classes that children of the program in question have used.
 *
 * <p>All that is in the cache is linked at the start of each child, at some ten microseconds a
 * class. So the cache of a program has what its children load, and no more; that of the library has
 * what any child may need.
 */
final class AotTraining {
  private static final int BLOCK_BYTES = 4096;

  /** Used by children that do more with the memory of the tree than to know it. */
  private static final String SHARES = "multiprocessing.internal.shm.RecordQueue";

  private static final String PLUGGED_IN = "multiprocessing/internal/serial/Fory";

  private AotTraining() {}

  /**
   * A child that does it.
   *
   * @param names the file that names the classes of a program; empty for those of the library
   */
  @SuppressWarnings("serial") // who can send this could send anything
  static LaunchRequest request(String names) {
    Runnable task = (Runnable & Serializable) () -> run(names); // as most tasks are
    return new LaunchRequest(
            new Session.Birth("AotTraining", "", true, null), Session.get().authKey(), task)
        .hidden();
  }

  static void run(String file) {
    Set<String> names = namesIn(file);
    names.forEach(AotTraining::load);
    boolean general = names.isEmpty();
    if (general) {
      loadLibrary();
    }
    if (general || names.contains(SHARES)) {
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

  private static Set<String> namesIn(String file) {
    try {
      return file.isEmpty() ? Set.of() : AotNames.read(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
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
