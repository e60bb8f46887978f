package multiprocessing.memory;

import static multiprocessing.memory.SharedMemoryTest.exists;
import static multiprocessing.memory.SharedMemoryTest.freshName;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.foreign.ValueLayout;
import java.util.List;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;

/** Shared memory and lists that CPython makes and this library reads, and the other way round. */
@ProcessTest
final class PythonPeerTest {
  /** A Python that runs the lines it is given and prints what they print. */
  private static final class Python implements AutoCloseable {
    // CPython before 3.13 unlinks at its exit what it has only attached; `attach` keeps it from it.
    private static final String LOOP =
        """
        import sys, traceback
        from multiprocessing import resource_tracker
        from multiprocessing.shared_memory import SharedMemory, ShareableList
        def attach(made):
            memory = made.shm if isinstance(made, ShareableList) else made
            resource_tracker.unregister(memory._name, 'shared_memory')
            return made
        space = dict(globals())
        for line in sys.stdin:
            try:
                exec(line, space)
            except Exception as e:
                print(type(e).__name__)
            sys.stdout.flush()
        """;

    private final Process process;
    private final Writer in;
    private final BufferedReader out;

    Python() throws IOException {
      process =
          new ProcessBuilder("python3", "-X", "utf8", "-c", LOOP)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      in = process.outputWriter();
      out = process.inputReader();
    }

    /** Runs a line that prints one line. */
    String ask(String line) throws IOException {
      in.write(line + "\n");
      in.flush();
      String answer = out.readLine();
      if (answer == null) {
        throw new IOException("python3 ended at " + line);
      }
      return answer;
    }

    @Override
    public void close() throws IOException {
      in.close();
      try {
        assertEquals(0, process.waitFor());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void pythonUsesMemoryMadeHere() throws Exception {
    try (SharedMemory memory = SharedMemory.create(16)) {
      memory.segment().set(ValueLayout.JAVA_INT, 0, 42);
      try (Python python = new Python()) {
        String name = memory.name();
        assertEquals(
            "16 42",
            python.ask(
                "m = attach(SharedMemory('"
                    + name
                    + "')); print(m.size, int.from_bytes(m.buf[:4], sys.byteorder))"));
        assertEquals(
            "FileExistsError", python.ask("SharedMemory('" + name + "', create=True, size=1)"));
        assertEquals("done", python.ask("m.buf[4:8] = b'\\1\\2\\3\\4'; print('done')"));
        assertArrayEquals(
            new byte[] {1, 2, 3, 4}, memory.segment().asSlice(4, 4).toArray(ValueLayout.JAVA_BYTE));
      }
      assertTrue(exists(memory.name()), "its end takes nothing away");
      memory.unlink();
    }
  }

  @Test
  void memoryMadeByPythonIsUsedHere() throws Exception {
    String name = freshName();
    try (Python python = new Python()) {
      python.ask("m = SharedMemory('" + name + "', create=True, size=100); print('made')");
      try (SharedMemory memory = SharedMemory.attach(name)) {
        assertEquals(100, memory.size());
        memory.segment().set(ValueLayout.JAVA_BYTE, 99, (byte) 7);
        assertEquals("7", python.ask("print(m.buf[99])"));
      }
      assertTrue(exists(name), "who attaches takes nothing away");
      python.ask("m.unlink(); print('unlinked')");
      assertFalse(exists(name));
    }
  }

  @Test
  void whatIsUnlinkedHereIsGoneForPython() throws Exception {
    try (Python python = new Python();
        SharedMemory memory = SharedMemory.create(1)) {
      memory.unlink();
      assertEquals("FileNotFoundError", python.ask("SharedMemory('" + memory.name() + "')"));
    }
  }

  @Test
  void pythonReadsAndWritesListsMadeHere() throws Exception {
    try (ShareableList list =
            ShareableList.of(
                1,
                -1L,
                Long.MIN_VALUE,
                2.5,
                true,
                false,
                "howdy",
                "äöü",
                "",
                "x".repeat(20),
                null);
        Python python = new Python()) {
      String name = list.memory().name();
      assertEquals(
          "[1, -1, -9223372036854775808, 2.5, True, False, 'howdy', 'äöü', '',"
              + " 'xxxxxxxxxxxxxxxxxxxx', None]",
          python.ask("l = attach(ShareableList(name='" + name + "')); print(list(l))"));
      assertEquals(list.format(), python.ask("print(l.format)"));
      for (String change :
          List.of("l[0]=None", "l[1]='eight ch'", "l[3]=b'\\1\\0\\2'", "l[6]=7", "l[10]=True")) {
        assertEquals("done", python.ask(change + "; print('done')"));
      }
      assertEquals(null, list.get(0));
      assertEquals("eight ch", list.get(1));
      assertArrayEquals(new byte[] {1, 0, 2}, (byte[]) list.get(3));
      assertEquals(7L, list.get(6));
      assertEquals(true, list.get(10));
      assertEquals(list.format(), python.ask("print(l.format)"));
      assertEquals("ValueError", python.ask("l[6]='more than eight'"));
      list.set(6, "again");
      list.set(4, null);
      list.set(9, new byte[] {(byte) 200});
      assertEquals("again None b'\\xc8'", python.ask("print(l[6], l[4], l[9])"));
      list.unlink();
    }
  }

  @Test
  void listsMadeByPythonAreReadAndWrittenHere() throws Exception {
    String name = freshName();
    try (Python python = new Python()) {
      python.ask(
          "l = ShareableList([5, 1e300, True, None, 'abc', b'a\\0b', '', 'y'*30], name='"
              + name
              + "'); print(len(l))");
      try (ShareableList list = ShareableList.attach(name)) {
        assertEquals(8, list.size());
        assertEquals(List.of(5L, 1e300, true), list.subList(0, 3));
        assertEquals(null, list.get(3));
        assertEquals("abc", list.get(4));
        assertArrayEquals(new byte[] {'a', 0, 'b'}, (byte[]) list.get(5));
        assertEquals("", list.get(6));
        assertEquals("y".repeat(30), list.get(7));
        assertEquals(list.format(), python.ask("print(l.format)"));
        list.set(0, "text");
        list.set(3, 4.25);
        list.set(7, "short");
        assertEquals("text 4.25 short", python.ask("print(l[0], l[3], l[7])"));
        assertEquals(list.format(), python.ask("print(l.format)"));
        assertEquals(
            "True",
            python.ask(
                "c = ShareableList(list(l)); print(len(c.shm.buf) <= len(l.shm.buf));"
                    + " c.shm.unlink()"));
      }
      python.ask("l.shm.unlink(); print('unlinked')");
    }
  }

  @Test
  void aListIsByteForByteCPythons() throws Exception {
    try (Python python = new Python();
        ShareableList list =
            ShareableList.of(1, 2.5, true, null, "text", new byte[] {1, 2}, "eight ch")) {
      String theirs =
          python.ask(
              "l = ShareableList([1, 2.5, True, None, 'text', b'\\1\\2', 'eight ch']);"
                  + " print(bytes(l.shm.buf).hex()); l.shm.unlink()");
      byte[] ours = list.memory().segment().toArray(ValueLayout.JAVA_BYTE);
      assertEquals(theirs, java.util.HexFormat.of().formatHex(ours));
      list.unlink();
    }
  }
}
