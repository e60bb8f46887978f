package multiprocessing.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import multiprocessing.Multiprocessing;
import multiprocessing.error.SharedMemoryExhaustedException;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What shared memory does within one process. */
@ProcessTest
final class SharedMemoryTest {
  private static final Path FOLDER = Path.of("/dev/shm");

  static String freshName() {
    return "mp_test_" + ProcessHandle.current().pid() + "_" + System.nanoTime();
  }

  static boolean exists(String name) {
    return Files.exists(FOLDER.resolve(name));
  }

  @Test
  @Proves({157, 162})
  void isTheSameMemoryForAllWhoAttach() throws Exception {
    String name = freshName();
    try (SharedMemory made = SharedMemory.create(name, 512);
        SharedMemory attached = SharedMemory.attach(name)) {
      assertEquals(name, made.name());
      assertEquals(512, made.size());
      assertEquals(512, attached.size());
      assertEquals(512, Files.size(FOLDER.resolve(name)));
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(FOLDER.resolve(name))));
      assertTrue(made.toString().contains(name) && made.toString().contains("512"));
      assertEquals(-1, made.segment().mismatch(attached.segment()));
      made.buffer().put(0, (byte) 42).putInt(8, 1 << 20);
      assertEquals(42, attached.segment().get(ValueLayout.JAVA_BYTE, 0));
      assertEquals(1 << 20, attached.segment().get(ValueLayout.JAVA_INT, 8));
      assertThrows(FileAlreadyExistsException.class, () -> SharedMemory.create(name, 512));
      made.unlink();
      assertThrows(NoSuchFileException.class, made::unlink);
      assertThrows(NoSuchFileException.class, attached::unlink);
      assertThrows(NoSuchFileException.class, () -> SharedMemory.attach(name));
      attached.segment().set(ValueLayout.JAVA_BYTE, 1, (byte) 43);
      assertEquals(43, made.segment().get(ValueLayout.JAVA_BYTE, 1));
    }
  }

  @Test
  void aNewNameIsOneOfCPythons() throws Exception {
    try (SharedMemory memory = Multiprocessing.sharedMemory(1)) {
      assertTrue(memory.name().matches("psm_[0-9a-f]{8}"), memory.name());
      memory.unlink();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  @Proves({157, 159})
  void wantsASize(long bytes) {
    assertThrows(IllegalArgumentException.class, () -> SharedMemory.create(bytes));
    assertThrows(IllegalArgumentException.class, () -> SharedMemory.create(freshName(), bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "a/b", "//a", ".", "..", "nul\0", "\0"})
  @Proves(156)
  void wantsAName(String name) {
    assertThrows(IllegalArgumentException.class, () -> SharedMemory.create(name, 1));
    assertThrows(IllegalArgumentException.class, () -> SharedMemory.attach(name));
  }

  @Test
  @Proves(219)
  void aNameHas255BytesAtMost() throws Exception {
    String longest = "ä".repeat(127) + "x";
    try (SharedMemory memory = SharedMemory.create(longest, 1)) {
      memory.unlink();
    }
    String tooLong = longest + "x";
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> SharedMemory.create(tooLong, 1));
    assertTrue(String.valueOf(thrown.getMessage()).contains("255"), thrown.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:b:c", "line\nbreak", "späße 🎈", "/slash", "%s $(x) `y` \\"})
  @Proves(263)
  void aNameMayHoldOddCharacters(String odd) throws Exception {
    String name = odd + freshName();
    try (SharedMemory memory = SharedMemory.create(name, 8);
        SharedMemory attached = SharedMemory.attach(name)) {
      memory.segment().set(ValueLayout.JAVA_LONG, 0, 7);
      assertEquals(7, attached.segment().get(ValueLayout.JAVA_LONG, 0));
      attached.unlink();
      assertThrows(NoSuchFileException.class, memory::unlink);
    }
  }

  @Test
  void whatIsNotThereCannotBeAttached() {
    String name = freshName();
    NoSuchFileException thrown =
        assertThrows(NoSuchFileException.class, () -> SharedMemory.attach(name));
    assertTrue(String.valueOf(thrown.getMessage()).contains(name), thrown.getMessage());
  }

  @Test
  void viewsOfClosedMemoryFailAndHarmNothing() throws Exception {
    SharedMemory memory = SharedMemory.create(4096);
    MemorySegment segment = memory.segment();
    MemorySegment part = segment.asSlice(100, 10);
    ByteBuffer buffer = memory.buffer();
    memory.unlink();
    assertFalse(memory.isClosed());
    memory.close();
    memory.close();
    assertTrue(memory.isClosed());
    assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_BYTE, 0));
    assertThrows(IllegalStateException.class, () -> part.get(ValueLayout.JAVA_BYTE, 0));
    assertThrows(IllegalStateException.class, () -> buffer.get(0));
    IllegalStateException thrown = assertThrows(IllegalStateException.class, memory::segment);
    assertTrue(String.valueOf(thrown.getMessage()).contains("closed"), thrown.getMessage());
    assertThrows(IllegalStateException.class, memory::buffer);
    assertEquals(4096, memory.size());
  }

  @Test
  void closingUnderThreadsThatReadIsSafe() throws Exception {
    for (int round = 0; round < 20; round++) {
      SharedMemory memory = SharedMemory.create(1 << 16);
      memory.unlink();
      MemorySegment segment = memory.segment();
      AtomicBoolean failed = new AtomicBoolean();
      Thread reader =
          Thread.ofPlatform()
              .start(
                  () -> {
                    long sum = 0;
                    try {
                      while (sum >= 0) {
                        for (long at = 0; at < 1 << 16; at += 64) {
                          sum += segment.get(ValueLayout.JAVA_BYTE, at);
                        }
                      }
                    } catch (IllegalStateException e) {
                      failed.set(true);
                    }
                  });
      Thread.sleep(2);
      memory.close();
      reader.join();
      assertTrue(failed.get());
    }
  }

  @Test
  void memoryThatNobodyReachesIsUnmapped() throws Exception {
    String name = freshName();
    attachAndForget(name);
    for (int i = 0; i < 500 && isMapped(name); i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertFalse(isMapped(name));
  }

  private static void attachAndForget(String name) throws Exception {
    try (SharedMemory made = SharedMemory.create(name, 4096)) {
      MemorySegment reached = SharedMemory.attach(name).segment();
      made.unlink();
      assertEquals(0, reached.get(ValueLayout.JAVA_BYTE, 0));
      assertTrue(isMapped(name));
    }
  }

  private static boolean isMapped(String name) throws Exception {
    return Files.readString(Path.of("/proc/self/maps")).contains(name);
  }

  @Test
  void aSegmentKeepsTheMemoryMapped() throws Exception {
    MemorySegment segment = make();
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertEquals(5, segment.get(ValueLayout.JAVA_BYTE, 0));
  }

  private static MemorySegment make() throws Exception {
    SharedMemory memory = SharedMemory.create(1);
    memory.unlink();
    memory.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 5);
    return memory.segment();
  }

  @Test
  void moreThanThereIsRoomForIsAnException() throws Exception {
    long room = Files.getFileStore(FOLDER).getTotalSpace();
    for (long bytes : new long[] {room + 4096, Long.MAX_VALUE}) {
      SharedMemoryExhaustedException thrown =
          assertThrows(SharedMemoryExhaustedException.class, () -> SharedMemory.create(bytes));
      assertEquals(bytes, thrown.bytesAsked());
    }
  }

  @Test
  @Proves(165)
  void aManagerUnlinksAllItsBlocks() throws Exception {
    SharedMemory block;
    ShareableList list;
    SharedMemory gone;
    try (SharedMemoryManager manager = new SharedMemoryManager()) {
      block = manager.sharedMemory(32);
      list = manager.shareableList(1, "two");
      gone = manager.sharedMemory(8);
      try (SharedMemory attached = SharedMemory.attach(block.name())) {
        attached.segment().set(ValueLayout.JAVA_INT, 0, 3);
        assertEquals(3, block.segment().get(ValueLayout.JAVA_INT, 0));
      }
      gone.unlink();
      assertTrue(exists(list.memory().name()));
      assertTrue(manager.toString().contains("3"), manager.toString());
    }
    assertThrows(NoSuchFileException.class, () -> SharedMemory.attach(block.name()));
    assertThrows(NoSuchFileException.class, () -> ShareableList.attach(list.memory().name()));
    assertTrue(block.isClosed() && gone.isClosed() && list.memory().isClosed());
    SharedMemoryManager closed = new SharedMemoryManager();
    closed.close();
    closed.close();
    assertThrows(IllegalStateException.class, () -> closed.sharedMemory(1));
    assertThrows(IllegalStateException.class, () -> closed.shareableList(1));
  }

  @Test
  void aListHoldsWhatCPythonsDoes() throws Exception {
    byte[] bytes = {1, 0, 2, 0, 0};
    try (ShareableList list =
        ShareableList.of(5, -1L, (byte) 7, 2.5, 1.5f, true, false, "howdy", "äöü", bytes, null)) {
      assertEquals(11, list.size());
      assertEquals(5L, list.get(0));
      assertEquals(-1L, list.get(1));
      assertEquals(7L, list.get(2));
      assertEquals(2.5, list.get(3));
      assertEquals(1.5, list.get(4));
      assertEquals(true, list.get(5));
      assertEquals(false, list.get(6));
      assertEquals("howdy", list.get(7));
      assertEquals("äöü", list.get(8));
      assertArrayEquals(new byte[] {1, 0, 2}, (byte[]) list.get(9));
      assertEquals(null, list.get(10));
      list.unlink();
    }
  }

  @Test
  @Proves(166)
  void aListIsAListOfFixedLength() throws Exception {
    try (ShareableList list =
        ShareableList.of("howdy", "HoWdY", -273.154, 100, null, true, 42, 100)) {
      assertEquals("8s8sdqxxxxxx?xxxxxxxx?qq", list.format());
      assertEquals(2, list.count(100));
      assertEquals(0, list.count("x"));
      assertEquals(3, list.indexOf(100));
      assertEquals(7, list.lastIndexOf(100L));
      assertEquals(-1, list.indexOf("x"));
      assertTrue(list.contains(null));
      assertEquals("HoWdY", list.set(1, 1.0));
      assertEquals(1.0, list.get(1));
      assertEquals("8sdd", list.format().substring(0, 4));
      assertEquals(42L, list.set(6, "8 chars!"));
      assertEquals("8 chars!", list.get(6));
      IllegalArgumentException tooLong =
          assertThrows(IllegalArgumentException.class, () -> list.set(6, "9 chars!!"));
      assertTrue(String.valueOf(tooLong.getMessage()).contains("9"), tooLong.getMessage());
      assertEquals("8 chars!", list.get(6));
      assertThrows(IllegalArgumentException.class, () -> list.set(0, new Object()));
      assertThrows(IndexOutOfBoundsException.class, () -> list.get(8));
      assertThrows(IndexOutOfBoundsException.class, () -> list.set(-1, 0));
      assertThrows(UnsupportedOperationException.class, () -> list.add(1));
      try (ShareableList copy = ShareableList.of(list.toArray());
          ShareableList same = ShareableList.attach(list.memory().name())) {
        assertEquals(list, copy);
        assertEquals(list, same);
        same.set(3, -1);
        assertEquals(-1L, list.get(3));
        assertEquals(100L, copy.get(3));
        copy.unlink();
      }
      list.unlink();
    }
  }

  @Test
  @Proves(166)
  void aListMayBeEmptyAndHaveAName() throws Exception {
    String name = freshName();
    try (ShareableList list = ShareableList.create(name, java.util.List.of());
        ShareableList same = ShareableList.attach(name)) {
      assertTrue(list.isEmpty() && same.isEmpty());
      assertEquals("", same.format());
      assertEquals(-1, same.indexOf(0));
      list.unlink();
    }
  }

  @Test
  void whatIsNoListIsNotAttachedAsOne() throws Exception {
    for (long count : new long[] {-1, 3, Long.MAX_VALUE, Long.MIN_VALUE}) {
      try (SharedMemory memory = SharedMemory.create(32)) {
        memory.segment().set(ValueLayout.JAVA_LONG, 0, count);
        assertThrows(IllegalArgumentException.class, () -> ShareableList.attach(memory.name()));
        memory.unlink();
      }
    }
  }

  /** Whoever has the name can write there. */
  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, 1 << 20, Long.MAX_VALUE})
  void anItemThatIsSaidToLieElsewhereIsRefused(long place) throws Exception {
    int endOfTheFirst = 2 * Long.BYTES;
    try (ShareableList list = ShareableList.create(freshName(), List.of("first", "second"))) {
      MemorySegment segment = list.memory().segment();
      long former = segment.get(ValueLayout.JAVA_LONG, endOfTheFirst);
      segment.set(ValueLayout.JAVA_LONG, endOfTheFirst, place);
      assertThrows(IllegalStateException.class, () -> list.get(0));
      assertThrows(IllegalStateException.class, () -> list.get(1));
      assertThrows(IllegalStateException.class, () -> list.set(1, "third"));
      segment.set(ValueLayout.JAVA_LONG, endOfTheFirst, former);
      assertEquals(List.of("first", "second"), List.copyOf(list));
      list.unlink();
    }
  }
}
