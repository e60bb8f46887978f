package multiprocessing.stress;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What {@code malloc} has given out and not been given back, as glibc counts it. */
final class NativeMemory {
  private static final int FIELDS = 10;
  private static final int IN_USE = 7; // uordblks
  private static final int MAPPED = 4; // hblkhd
  private static final StructLayout INFO =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(FIELDS, ValueLayout.JAVA_LONG));
  private static final @Nullable MethodHandle MALLINFO = mallinfo();

  private NativeMemory() {}

  @SuppressWarnings("restricted") // a function of the C library without arguments
  private static @Nullable MethodHandle mallinfo() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> function = linker.defaultLookup().find("mallinfo2");
    return function
        .map(address -> linker.downcallHandle(address, FunctionDescriptor.of(INFO)))
        .orElse(null);
  }

  /** The bytes in use; 0 where the C library does not tell. */
  static long inUse() {
    MethodHandle function = MALLINFO;
    if (function == null) {
      return 0;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = (MemorySegment) function.invokeExact((SegmentAllocator) arena);
      return info.getAtIndex(ValueLayout.JAVA_LONG, IN_USE)
          + info.getAtIndex(ValueLayout.JAVA_LONG, MAPPED);
    } catch (Throwable t) {
      throw new AssertionError("mallinfo2", t);
    }
  }
}
