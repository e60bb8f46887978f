package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import multiprocessing.Multiprocessing;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pool tells Java Flight Recorder. */
@ProcessTest
final class PoolEventsTest {
  @TempDir Path folder;

  @Test
  void tasksAndWorkersAreRecorded() throws Exception {
    Path file = folder.resolve("pool.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      try (ProcessPool pool = Multiprocessing.pool(1)) {
        assertEquals(List.of(2, 3), pool.map(x -> x + 1, List.of(1, 2), 1));
      }
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    List<RecordedEvent> tasks =
        events.stream()
            .filter(event -> event.getEventType().getName().equals("multiprocessing.PoolTask"))
            .toList();
    assertEquals(2, tasks.size());
    assertTrue(tasks.getFirst().getString("worker").contains("PoolWorker"));
    List<String> states =
        events.stream()
            .filter(event -> event.getEventType().getName().equals("multiprocessing.PoolWorker"))
            .map(event -> event.getString("state"))
            .toList();
    assertEquals(List.of("ready", "ended"), states);
  }
}
