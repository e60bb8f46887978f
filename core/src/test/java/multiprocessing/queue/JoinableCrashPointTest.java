package multiprocessing.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import multiprocessing.error.TasksLostException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.sync.ProcessEvent;
import multiprocessing.testing.Children;
import multiprocessing.testing.CrashPoints;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lets a consumer die at each step of taking a task: it is lost or not, and counted either way. */
@Tag("crash")
@ProcessTest
@Deadline(seconds = 40)
class JoinableCrashPointTest {
  private static final int TASKS = 5;
  private static final int TAKEN_BEFORE = 2;

  @Test
  void thereAreTestsForAll() {
    assertEquals(
        List.of("joinable.buried", "joinable.intended", "joinable.taken"),
        CrashPoints.named(place -> place.startsWith("joinable.")));
  }

  private static JoinableQueue<Integer> queue() throws InterruptedException {
    JoinableQueue<Integer> queue = new JoinableQueue<>();
    for (int i = 0; i < TASKS; i++) {
      queue.put(i);
    }
    return queue;
  }

  private static void die(String place, int time, SerializableRunnable task)
      throws InterruptedException {
    ChildProcess child = CrashPoints.doomed(task, place, time);
    assertEquals(Children.KILLED, Children.exitCode(child), "it should have died there");
  }

  @ParameterizedTest
  @ValueSource(strings = {"joinable.intended", "joinable.taken", "queue.take.read"})
  void aConsumerThatDiesWhileItTakes(String place) throws InterruptedException {
    JoinableQueue<Integer> queue = queue();
    die(
        place,
        TAKEN_BEFORE + 1,
        () -> {
          while (true) {
            queue.take();
          }
        });
    int lost = TAKEN_BEFORE + (place.equals("joinable.taken") ? 1 : 0);
    assertEquals(TASKS - lost, queue.size());
    TasksLostException thrown = assertThrows(TasksLostException.class, queue::join);
    assertEquals(lost, thrown.tasks());
    assertEquals(lost, queue.recover());
    for (int i = lost; i < TASKS; i++) {
      assertFalse(queue.join(Duration.ZERO));
      assertEquals(i, queue.take());
      queue.taskDone();
    }
    queue.join();
    assertThrows(IllegalStateException.class, queue::taskDone);
  }

  @Test
  void whoDiesWhileItCountsTheLosses() throws InterruptedException {
    JoinableQueue<Integer> queue = queue();
    ProcessEvent taken = new ProcessEvent();
    ChildProcess consumer =
        Children.start(
            CrashPoints.startMethod(),
            () -> {
              queue.take();
              taken.set();
              Thread.sleep(Long.MAX_VALUE);
            });
    taken.await();
    Children.kill(consumer);
    die("joinable.buried", 1, queue::join);
    assertEquals(1, assertThrows(TasksLostException.class, queue::join).tasks());
    assertEquals(1, queue.recover());
  }
}
