package multiprocessing.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;

/** What a zygote does about its pages: contents stay, and so does what was never used. */
@ProcessTest
final class TidyPagesTest {
  private static final long SIZE = 32 << 20;
  private static final long PAGE = 4096;
  private static final boolean IS_AARCH64 = System.getProperty("os.arch").equals("aarch64");
  private static final int MADVISE = IS_AARCH64 ? 233 : 28;
  private static final int MINCORE = IS_AARCH64 ? 232 : 27;

  private static void touch(MemorySegment memory, long step) {
    for (long at = 0; at < SIZE; at += step) {
      memory.set(ValueLayout.JAVA_BYTE, at, (byte) (at / PAGE));
    }
  }

  private static void check(MemorySegment memory, long step) {
    for (long at = 0; at < SIZE; at += step) {
      assertEquals((byte) (at / PAGE), memory.get(ValueLayout.JAVA_BYTE, at));
    }
  }

  /** How much of some memory is there; of that alone, whatever the kernel has joined it with. */
  private static long residentBytes(MemorySegment memory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pages = arena.allocate(SIZE / PAGE);
      assertEquals(0, SystemCall.call(MINCORE, memory.address(), SIZE, pages.address()));
      long resident = 0;
      for (byte page : pages.toArray(ValueLayout.JAVA_BYTE)) {
        resident += page & 1;
      }
      return resident * PAGE;
    }
  }

  @Test
  void whatIsInUseIsJoinedAndKeepsItsContents() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment full = arena.allocate(SIZE, 2 << 20);
      touch(full, PAGE);
      long before = residentBytes(full);
      assertTrue(ForkHelper.tidyPages() >= 0);
      check(full, PAGE);
      assertTrue(residentBytes(full) <= before + (2 << 20), "more than there was");
    }
  }

  @Test
  void whatIsHardlyUsedStaysAsSmallAsItWas() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment sparse = arena.allocate(SIZE, 2 << 20);
      // What is allocated is cleared, and so in use: this gives it back.
      assertEquals(0, SystemCall.call(MADVISE, sparse.address(), SIZE, 4));
      touch(sparse, 16 * PAGE);
      long before = residentBytes(sparse);
      assertTrue(before < SIZE / 4, before + " bytes");
      assertTrue(ForkHelper.tidyPages() >= 0);
      check(sparse, 16 * PAGE);
      assertEquals(before, residentBytes(sparse));
    }
  }
}
