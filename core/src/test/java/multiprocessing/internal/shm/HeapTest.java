package multiprocessing.internal.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import multiprocessing.error.SharedMemoryExhaustedException;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The allocator in a memory of its own. */
@ProcessTest
class HeapTest {
  private static final long MEBIBYTE = 1024 * 1024;

  /** A block in use, filled with its own number. */
  private record Allocation(long offset, int bytes, byte filling) {}

  @ParameterizedTest
  @Proves(151)
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void keepsBlocksApart(long seed) {
    try (TwoProcesses processes = new TwoProcesses(64 * MEBIBYTE)) {
      TreeMemory[] memories = {processes.first(), processes.second()};
      Random random = new Random(seed);
      List<Allocation> live = new ArrayList<>();
      for (int step = 0; step < 20_000; step++) {
        TreeMemory memory = memories[random.nextInt(2)];
        boolean grows = step / 2_000 % 2 == 0;
        if (live.isEmpty() || random.nextInt(100) < (grows ? 60 : 40)) {
          live.add(allocate(memory, random));
        } else {
          free(memory, live.remove(random.nextInt(live.size())));
        }
        if (step % 1_000 == 0) {
          assertEquals(live.size(), HeapWalk.of(memory).usedBlocks());
        }
      }
      while (!live.isEmpty()) {
        free(memories[live.size() % 2], live.remove(random.nextInt(live.size())));
      }
      assertEquals(new HeapWalk.Result(0, 0, 1), HeapWalk.of(memories[0]), "all is one again");
      assertEquals(0, memories[1].usedBytes());
    }
  }

  private static Allocation allocate(TreeMemory memory, Random random) {
    int bytes = random.nextInt(1 << (2 + random.nextInt(14)));
    Allocation allocation =
        new Allocation(memory.allocate(bytes), bytes, (byte) random.nextInt(256));
    assertEquals(0, allocation.offset() % 64);
    memory.segment().asSlice(allocation.offset(), bytes).fill(allocation.filling());
    return allocation;
  }

  private static void free(TreeMemory memory, Allocation allocation) {
    for (int i = 0; i < allocation.bytes(); i += Math.max(1, allocation.bytes() / 7)) {
      assertEquals(
          allocation.filling(),
          memory.segment().get(ValueLayout.JAVA_BYTE, allocation.offset() + i),
          "somebody else wrote to this block");
    }
    memory.free(allocation.offset());
  }

  @Test
  void threadsShareIt() throws InterruptedException {
    try (TwoProcesses processes = new TwoProcesses(64 * MEBIBYTE)) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int number = i;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        churn(number % 2 == 0 ? processes.first() : processes.second(), number);
                      } catch (Throwable e) {
                        failure.set(e);
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(null, failure.get());
      assertEquals(new HeapWalk.Result(0, 0, 1), HeapWalk.of(processes.first()));
    }
  }

  private static void churn(TreeMemory memory, long seed) {
    Random random = new Random(seed);
    List<Allocation> live = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      if (live.size() < 20) {
        live.add(allocate(memory, random));
      } else {
        free(memory, live.remove(random.nextInt(live.size())));
      }
    }
    live.forEach(each -> free(memory, each));
  }

  @Test
  void sizesAtTheirEdges() {
    try (TwoProcesses processes = new TwoProcesses(8 * MEBIBYTE)) {
      TreeMemory memory = processes.first();
      for (int bytes : new int[] {0, 1, 63, 64, 65, 127, 128, 129, 4095, 4096, 4097, 65_536}) {
        long block = memory.allocate(bytes);
        memory.segment().asSlice(block, bytes).fill((byte) -1);
        long next = memory.allocate(1);
        assertTrue(next < block || next >= block + bytes);
        HeapWalk.of(memory);
        memory.free(block);
        memory.free(next);
      }
      assertThrows(IllegalArgumentException.class, () -> memory.allocate(-1));
      assertThrows(IllegalArgumentException.class, () -> memory.allocate(Long.MIN_VALUE));
      assertThrows(IllegalArgumentException.class, () -> memory.allocate(Long.MAX_VALUE));
      assertThrows(
          SharedMemoryExhaustedException.class, () -> memory.allocate(Long.MAX_VALUE - 1024));
      assertThrows(SharedMemoryExhaustedException.class, () -> memory.allocate(8 * MEBIBYTE));
      assertEquals(0, HeapWalk.of(memory).usedBlocks());
    }
  }

  @Test
  void whatIsFreedCanBeTakenAgainWhenAllIsFull() {
    try (TwoProcesses processes = new TwoProcesses(16 * MEBIBYTE)) {
      TreeMemory memory = processes.first();
      for (int round = 0; round < 3; round++) {
        List<Long> blocks = new ArrayList<>();
        SharedMemoryExhaustedException full =
            assertThrows(
                SharedMemoryExhaustedException.class,
                () -> {
                  while (true) {
                    blocks.add(memory.allocate(100_000));
                  }
                });
        assertTrue(full.toString().contains("multiprocessing.sharedMemory"), full.toString());
        assertTrue(blocks.size() > 150, "only " + blocks.size() + " blocks in 16 MiB");
        HeapWalk.of(memory);
        blocks.forEach(memory::free);
        assertEquals(new HeapWalk.Result(0, 0, 1), HeapWalk.of(memory));
      }
    }
  }

  @Test
  void growsByWhatIsMissingOnly() {
    try (TwoProcesses processes = new TwoProcesses(16 * MEBIBYTE)) {
      TreeMemory memory = processes.first();
      memory.free(memory.allocate(8 * MEBIBYTE));
      // The free block at the top and the room above it make one block of nearly 16 MiB.
      memory.free(memory.allocate(12 * MEBIBYTE));
      assertEquals(new HeapWalk.Result(0, 0, 1), HeapWalk.of(memory));
    }
  }

  @Test
  void largeFreeBlocksGiveTheirPagesBack() throws IOException {
    try (TwoProcesses processes = new TwoProcesses(512 * MEBIBYTE)) {
      TreeMemory memory = processes.first();
      List<Long> blocks = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        long block = memory.allocate(MEBIBYTE);
        memory.segment().asSlice(block, MEBIBYTE).fill((byte) 1);
        blocks.add(block);
      }
      assertTrue(residentBytes(memory) > 190 * MEBIBYTE);
      blocks.forEach(memory::free);
      HeapWalk.of(memory);
      long resident = residentBytes(memory);
      assertTrue(
          resident < 70 * MEBIBYTE, resident / MEBIBYTE + " MiB are resident, and nothing is used");
      // What was given back is there again for whoever takes it.
      long again = memory.allocate(150 * MEBIBYTE);
      memory.segment().asSlice(again, 150 * MEBIBYTE).fill((byte) 2);
      HeapWalk.of(memory);
      memory.free(again);
      assertEquals(0, HeapWalk.of(memory).usedBlocks());
    }
  }

  private static long residentBytes(TreeMemory memory) throws IOException {
    String start = Long.toHexString(memory.segment().address()) + "-";
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      if (line.startsWith(start)) {
        inside = true;
      } else if (inside && line.startsWith("Rss:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new AssertionError("no mapping at " + start);
  }

  @Test
  void theNextHolderMakesTheIndexAnew() {
    try (TwoProcesses processes = new TwoProcesses(16 * MEBIBYTE)) {
      Random random = new Random(7);
      List<Allocation> live = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        live.add(allocate(processes.second(), random));
      }
      for (int i = 0; i < 200; i++) {
        free(processes.second(), live.remove(random.nextInt(live.size())));
      }
      Heap heap = (Heap) HeapWalk.field(TreeMemory.class, processes.first(), "heap");
      long head = (long) HeapWalk.field(Heap.class, heap, "head");
      heap.lock();
      processes.first().segment().asSlice(head + 88, Heap.HEAD_BYTES - 88).fill((byte) 0x33);
      processes.first().segment().set(ValueLayout.JAVA_LONG, head + 72, -5);
      processes.firstDies();
      assertEquals(300, HeapWalk.of(processes.second()).usedBlocks());
      live.forEach(each -> free(processes.second(), each));
      assertEquals(new HeapWalk.Result(0, 0, 1), HeapWalk.of(processes.second()));
    }
  }

  @Test
  void stampsTellUsesOfAPlaceApart() {
    try (TwoProcesses processes = new TwoProcesses(8 * MEBIBYTE)) {
      TreeMemory memory = processes.first();
      long first = memory.allocate(100);
      long stamp = memory.estate().stamp(first);
      memory.free(first);
      assertEquals(0, processes.second().estate().hold(first, stamp), "it is free");
      long second = memory.allocate(100);
      assertEquals(first, second);
      assertNotEquals(stamp, memory.estate().stamp(second));
      assertEquals(0, processes.second().estate().hold(second, stamp), "it is another one");
    }
  }
}
