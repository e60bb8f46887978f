package multiprocessing.internal.launch;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.shm.TreeMemory;

/**
 * What the virtual machine that leaves an AOT cache behind does before: what children commonly do,
 * so that the classes for it are in the cache.
 */
final class AotTraining {
  private static final int BLOCK_BYTES = 4096;

  private AotTraining() {}

  /** The task of the training. It carries a lambda, as most tasks are lambdas. */
  static Runnable task() {
    return new Task((Supplier<String> & Serializable) () -> "training");
  }

  private record Task(Supplier<String> text) implements Runnable, Serializable {
    @Override
    public void run() {
      try {
        loadLibrary();
        train(text.get());
      } catch (IOException | ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Rooms above this one are not known here, and what runs in a child may need any of them. */
  private static void loadLibrary() throws IOException, ClassNotFoundException {
    String suffix = ".class";
    try (JarFile jar = new JarFile(JvmCommand.libraryPath().getFirst())) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        String name = entry.getName();
        if (name.endsWith(suffix) && name.startsWith("multiprocessing/")) {
          String type = name.substring(0, name.length() - suffix.length()).replace('/', '.');
          Class.forName(type, false, AotTraining.class.getClassLoader());
        }
      }
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
