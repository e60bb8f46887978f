package multiprocessing.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;

/** What a zygote does about its pages: contents stay, and so does what was never used. */
@ProcessTest
final class TidyPagesTest {
  private static final long SIZE = 32 << 20;
  private static final long PAGE = 4096;
  private static final Path MAPS = Path.of("/proc/self/smaps");

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

  /** How many kilobytes the mapping has in which the middle of some memory is. */
  private static long kilobytes(MemorySegment memory, String field) throws IOException {
    long middle = memory.address() + SIZE / 2;
    boolean found = false;
    List<String> lines = Files.readAllLines(MAPS);
    for (String line : lines) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        String[] ends = line.split("[- ]", 3);
        found =
            Long.parseUnsignedLong(ends[0], 16) <= middle
                && middle < Long.parseUnsignedLong(ends[1], 16);
      } else if (found && line.startsWith(field + ":")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new AssertionError("no " + field + " of " + Long.toHexString(middle));
  }

  @Test
  void whatIsInUseIsJoinedAndKeepsItsContents() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment full = arena.allocate(SIZE, 2 << 20);
      touch(full, PAGE);
      long before = kilobytes(full, "Rss");
      assertTrue(ForkHelper.tidyPages() >= 0);
      check(full, PAGE);
      assertTrue(kilobytes(full, "Rss") <= before + 2048, "more than there was");
    }
  }

  @Test
  void whatIsHardlyUsedStaysAsSmallAsItWas() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment sparse = arena.allocate(SIZE, 2 << 20);
      // What is allocated is cleared, and so in use: this gives it back.
      assertEquals(0, SystemCall.call(madvise(), sparse.address(), SIZE, 4));
      touch(sparse, 16 * PAGE);
      long before = kilobytes(sparse, "Rss");
      assertTrue(before < SIZE / 1024 / 4, before + " kB");
      assertTrue(ForkHelper.tidyPages() >= 0);
      check(sparse, 16 * PAGE);
      assertEquals(before, kilobytes(sparse, "Rss"));
    }
  }

  private static int madvise() {
    return System.getProperty("os.arch").equals("aarch64") ? 233 : 28;
  }
}
