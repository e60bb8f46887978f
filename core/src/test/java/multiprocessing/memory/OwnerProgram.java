package multiprocessing.memory;

import java.util.logging.Level;
import multiprocessing.Multiprocessing;
import multiprocessing.process.ChildProcess;

/** A program of its own that makes shared memory under the name given, and ends in some way. */
final class OwnerProgram {
  private OwnerProgram() {}

  public static void main(String[] arguments) throws Exception {
    String name = arguments[1];
    Multiprocessing.logToStderr(Level.WARNING);
    switch (arguments[0]) {
      case "unlinks" -> {
        try (SharedMemory memory = SharedMemory.create(name, 16);
            SharedMemoryManager manager = new SharedMemoryManager()) {
          manager.sharedMemory(16);
          memory.unlink();
        }
      }
      case "returns" -> SharedMemory.create(name, 16);
      case "waits" -> {
        SharedMemory.create(name, 16);
        Thread.sleep(Long.MAX_VALUE);
      }
      case "starts" -> {
        ChildProcess child = Multiprocessing.process(() -> {});
        child.start();
        child.join();
      }
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }
}
