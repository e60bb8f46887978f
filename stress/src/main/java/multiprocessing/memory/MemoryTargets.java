package multiprocessing.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import multiprocessing.stress.Target;

/** What others have written into named shared memory. */
public final class MemoryTargets {
  private static final String NAME = "mp_fuzz_" + ProcessHandle.current().pid();

  private MemoryTargets() {}

  /** A decoder each. */
  public static List<Target> all() {
    return List.of(
        new Target(
            "shareable lists",
            List.of(
                list(Arrays.asList(1L, 2.0, true, null, "five", new byte[] {6, 7})),
                list(List.of())),
            List.of(IllegalArgumentException.class, IllegalStateException.class),
            MemoryTargets::read));
  }

  private static byte[] list(List<?> items) {
    try (ShareableList list = ShareableList.create(NAME, items)) {
      list.unlink();
      return list.memory().segment().toArray(ValueLayout.JAVA_BYTE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void read(byte[] bytes) throws IOException {
    try (SharedMemory memory = SharedMemory.create(NAME, Math.max(1, bytes.length))) {
      MemorySegment.copy(bytes, 0, memory.segment(), ValueLayout.JAVA_BYTE, 0, bytes.length);
      try (ShareableList list = ShareableList.attach(NAME)) {
        String _ = list.format() + list;
      } finally {
        memory.unlink();
      }
    }
  }
}
