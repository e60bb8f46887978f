package multiprocessing.internal.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import multiprocessing.internal.sync.Permits;
import multiprocessing.internal.sync.Words;
import multiprocessing.process.ChildProcess;
import multiprocessing.testing.Children;
import multiprocessing.testing.CrashPoints;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Lets a child die at each crash point that the sources name, and looks at what it left: all that
 * it had finished, and of what it was about to do either all or nothing.
 */
@Tag("crash")
@ProcessTest
@Deadline(seconds = 30)
class CrashPointTest {
  private static final int STEPS = 6_000;
  private static final long MILLISECOND = 1_000_000;

  private static final TreeMemory memory = TreeMemory.get();

  static List<Arguments> placesAndTimes() {
    return crashPoints().stream()
        .flatMap(
            place ->
                IntStream.of(CrashPoints.times(1, 2, 29))
                    .mapToObj(time -> Arguments.of(place, time)))
        .toList();
  }

  /** A new one is tested, or fails because no step comes to it. Others have tests of their own. */
  private static List<String> crashPoints() {
    return CrashPoints.named(
        place -> !place.matches("(event|condition|barrier|joinable|map|named|owners|estate)\\..*"));
  }

  /** What a process notes of what it holds lies on pages that it keeps: have the first one now. */
  @BeforeAll
  static void haveAPageForWhatIsHeld() {
    SharedBlock block = SharedBlock.create(8);
    arrive(block);
    block.close();
  }

  @Test
  void theSourcesNameCrashPoints() {
    assertFalse(crashPoints().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("placesAndTimes")
  void aDeathThereHarmsNobody(String place, int time) throws Exception {
    Set<String> before = blocksInUse();
    dieAt(place, time);
    Children.await(() -> before.containsAll(blocksInUse()));
    HeapWalk.of(memory);
  }

  /** What other tests have left may go meanwhile, but no block may come. */
  private static Set<String> blocksInUse() {
    return memory.uses().stream().map(BlockUse::name).collect(Collectors.toSet());
  }

  private void dieAt(String place, int time) throws Exception {
    SharedBlock journal = SharedBlock.create(8);
    RecordQueue queue = RecordQueue.create(Workload.BOUND);
    SharedBlock semaphore = SharedBlock.create(Permits.BYTES);
    Permits permits = new Permits(semaphore.segment(), semaphore.offset(), semaphore.processes());
    permits.format(Workload.PERMITS, -1);

    List<Long> filler = place.startsWith("heap.grow") ? HeapWalk.fill(memory) : List.of();
    Victim victim =
        new Victim(
            time * 31L + place.hashCode(),
            STEPS,
            journal.export(),
            queue.block().export(),
            semaphore.export());
    ChildProcess child = CrashPoints.doomed(victim, place, time);
    int exitCode = Children.exitCode(child);
    if (time <= 2 || exitCode != 0) {
      assertEquals(Children.KILLED, exitCode, "the child should have come to " + place);
    }
    filler.forEach(memory::free);

    long done = (long) Words.LONG.getVolatile(journal.segment(), journal.offset());
    if (done == 0) {
      arrive(journal, queue.block(), semaphore);
    }
    HeapWalk.of(memory);
    checkQueue(queue, victim.seed(), done);
    checkPermits(permits);
    checkMemory();

    semaphore.close();
    queue.block().close();
    journal.close();
  }

  /** What was sent and never arrived anywhere would stay for ever; so it arrives here. */
  private static void arrive(SharedBlock... sent) {
    for (SharedBlock each : sent) {
      long entry = memory.estate().hold(each.offset(), memory.estate().stamp(each.offset()));
      memory.estate().drop(each.offset(), entry);
    }
  }

  private void checkQueue(RecordQueue queue, long seed, long done) throws InterruptedException {
    Workload before = new Workload(seed);
    for (int step = 0; step < done; step++) {
      before.next();
    }
    List<Integer> finished = before.queue();
    before.next();
    List<Integer> underWay = before.queue();

    long size = queue.size();
    int room = 0;
    while (RawBytes.offer(queue, Workload.element(-1 - room))) {
      room++;
    }
    assertEquals(Workload.BOUND, queue.size(), "size of the full queue");
    List<Integer> content = new ArrayList<>();
    List<Integer> added = new ArrayList<>();
    for (byte[] each = RawBytes.poll(queue); each != null; each = RawBytes.poll(queue)) {
      int number = Workload.number(each);
      assertArrayEquals(Workload.element(number), each, "bytes of element " + number);
      (number < 0 ? added : content).add(number);
    }
    assertTrue(
        content.equals(finished) || content.equals(underWay),
        () -> "found " + content + "; expected " + finished + " or " + underWay);
    assertEquals(IntStream.range(0, room).mapToObj(i -> -1 - i).toList(), added);
    assertEquals(Workload.BOUND, room + content.size(), "capacity");
    assertEquals(0, queue.size(), "size of the drained queue");
    assertTrue(queue.isEmpty());
    assertEquals(content.size(), size, "size as told right after the death");
  }

  private static void checkPermits(Permits permits) throws InterruptedException {
    for (int i = 0; i < Workload.PERMITS; i++) {
      assertTrue(permits.acquire(Long.MAX_VALUE));
    }
    assertEquals(0, permits.available());
    assertFalse(permits.acquire(MILLISECOND));
    assertTrue(permits.release(Workload.PERMITS));
    assertEquals(Workload.PERMITS, permits.available());
  }

  private void checkMemory() {
    long[] blocks = new long[50];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = memory.allocate(64L << i % 12);
    }
    HeapWalk.of(memory);
    for (long block : blocks) {
      memory.free(block);
    }
    HeapWalk.of(memory);
  }
}
