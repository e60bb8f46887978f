package multiprocessing.stress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import multiprocessing.error.AuthenticationException;
import multiprocessing.internal.shm.BlockUse;
import multiprocessing.process.StartMethod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A few seconds of each long run, and that they find what there is to find. */
@Timeout(300)
final class StressTest {
  private static Options options(String... arguments) {
    return Options.parse(List.of(arguments));
  }

  private static PrintStream nowhere() {
    return new PrintStream(new ByteArrayOutputStream(), true);
  }

  @Test
  void aShortSoakFindsNothing() throws InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Options options = options("--seconds", "2", "--seed", "1", "--method", "forkserver");
    assertEquals(List.of(), new Soak(options, new PrintStream(bytes, true)).run());
    String line = bytes.toString(UTF_8).lines().findFirst().orElseThrow();
    assertTrue(
        line.matches(" +1 s  exit \\d+, kill \\d+, .*; failures 0; processes \\d+, .*"), line);
  }

  @Test
  void aShortFuzzFindsNothing() throws InterruptedException {
    assertEquals(
        List.of(), new Fuzzer(options("--fuzz", "--seconds", "2", "--seed", "1"), nowhere()).run());
  }

  @Test
  void whatIsNotDamagedIsUnderstood() throws Exception {
    // The first end where the message does; the others answer a question that nobody knows before.
    List<String> refused =
        List.of("messages of connections", "challenges", "answers to challenges");
    for (Target target : Targets.all()) {
      for (byte[] sample : target.samples()) {
        try {
          target.decoder().decode(sample.clone());
        } catch (IOException | AuthenticationException e) {
          assertTrue(refused.contains(target.name()), () -> target.name() + ": " + e);
        }
      }
      target.decoder().close();
    }
  }

  @Test
  void damagedMessagesComeFromTheSeed() {
    List<byte[]> samples = List.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, new byte[0]);
    boolean differs = false;
    for (int seed = 0; seed < 500; seed++) {
      byte[] one = Fuzzer.damaged(samples, new Random(seed));
      byte[] again = Fuzzer.damaged(samples, new Random(seed));
      assertTrue(java.util.Arrays.equals(one, again));
      differs |= !java.util.Arrays.equals(one, samples.getFirst());
    }
    assertTrue(differs);
  }

  @Test
  void whatIsLeftBehindIsNamed() {
    BlockUse kept = new BlockUse("1c0.5", 128, false, "of process 1");
    BlockUse left = new BlockUse("2c0.7", 192, false, "of process 77 (dead), sent");
    State before = state(List.of(), 1, List.of(kept), 1 << 20);
    State after = state(List.of(77L), 3, List.of(kept, left), 100 << 20);
    assertEquals(
        List.of(
            "left behind: process 77",
            "left behind: 2 more of the descriptors socket:[#]",
            "left behind: block 2c0.7 of 192 bytes, of process 77 (dead), sent",
            "left behind: 99 MB of native memory"),
        after.beyond(before));
    assertEquals(List.of(), before.beyond(after));
  }

  private static State state(
      List<Long> processes, long sockets, List<BlockUse> blocks, long nativeBytes) {
    TreeMap<String, Long> descriptors = new TreeMap<>();
    descriptors.put("socket:[#]", sockets);
    return new State(
        new TreeSet<>(processes),
        descriptors,
        new TreeMap<>(),
        new TreeSet<>(),
        blocks,
        nativeBytes,
        0);
  }

  @Test
  void theCommandLineIsRead() {
    Options options = options("--minutes", "0.5", "--seed", "7", "--method", "spawn");
    assertEquals(Duration.ofSeconds(30), options.duration());
    assertEquals(7, options.seed());
    assertEquals(List.of(StartMethod.SPAWN), options.methods());
    assertFalse(options.fuzz());
    assertEquals(StartMethod.supported(), options().methods());
    assertEquals(List.of("pool death"), options("--job", "pool death").jobs());
    for (String[] wrong :
        new String[][] {
          {"--minutes"},
          {"--minutes", "-1"},
          {"--minutes", "x"},
          {"--what", "1"},
          {"--method", "x"},
          {"--job", "x"}
        }) {
      assertThrows(IllegalArgumentException.class, () -> options(wrong));
    }
  }

  @Test
  void nativeMemoryIsCounted() {
    long before = NativeMemory.inUse();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(64 << 20);
      assertTrue(NativeMemory.inUse() >= before + block.byteSize() / 2);
    }
  }
}
