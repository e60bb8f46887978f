package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Signal;
import multiprocessing.process.SerializableFunction;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a worker goes through its messages, in whatever order they reach it. */
@ProcessTest
class WorkerLoopTest {
  private static final long TASK = 3;
  private static final long JOB = 2;

  private final Codec codec = Codec.shared();
  private final SharedBlock bell = SharedBlock.create(Signal.BYTES);
  private final Channel channel = Channel.create(bell);

  @AfterEach
  void close() {
    channel.close();
    bell.close();
  }

  private void send(byte[] message) {
    boolean _ = channel.tasks().offer(message, message.length, null);
  }

  private void sendItems(Object... items) {
    Message.Builder message = new Message.Builder().begin(Message.ITEMS, TASK, JOB);
    for (Object item : items) {
      message.add((byte) 0, codec.encode(item));
    }
    boolean _ = channel.tasks().offer(message.bytes(), message.length(), null);
  }

  private void sendJob(SerializableFunction<Integer, Integer> function) {
    Payload payload = codec.encode(function);
    byte[] head = Message.of(Message.JOB, 0, JOB, payload);
    boolean _ = channel.tasks().offer(head, head.length, payload.body());
  }

  private byte[] result() {
    byte[] message = channel.results().poll(Raw.INSTANCE);
    assertNotNull(message, "the worker has reported too little");
    return message;
  }

  /** Runs a worker until it leaves, which it does by itself once all messages are taken. */
  private void work() throws Exception {
    WorkerPlan plan = new WorkerPlan(null, null, 0, false, Nesting.here());
    new WorkerLoop(channel, plan, false).run();
    assertEquals(Message.READY, result()[0]);
  }

  private List<Object> outcomes() {
    byte[] message = result();
    assertEquals(Message.OUTCOMES, message[0]);
    assertEquals(TASK, Message.first(message));
    List<Object> values = new ArrayList<>();
    for (Message.Pieces pieces = new Message.Pieces(message); pieces.next(); ) {
      assertEquals(WorkerLoop.ITEM_VALUE, pieces.mark());
      values.add(pieces.decode(codec));
    }
    return values;
  }

  @Test
  void itemsAreAppliedInTheOrderOfTheirCalls() throws Exception {
    sendJob(x -> x + 1);
    sendItems(1, 2, 3);
    send(Message.of(Message.STOP, 0, 0));
    work();
    assertEquals(List.of(2, 3, 4), outcomes());
  }

  @Test
  void itemsThatOvertookTheirJobWaitForIt() throws Exception {
    sendItems(1, 2, 3);
    send(Message.of(Message.FORGET, 0, JOB));
    sendJob(x -> 10 * x);
    send(Message.of(Message.STOP, 0, 0));
    work();
    assertEquals(List.of(10, 20, 30), outcomes());
  }

  @Test
  void aWorkerThatIsToLeaveStillDoesWhatWaitsForItsJob() throws Exception {
    sendItems(7);
    send(Message.of(Message.STOP, 0, 0));
    sendJob(x -> -x);
    work();
    assertEquals(List.of(-7), outcomes());
    assertTrue(channel.results().isEmpty());
  }
}
