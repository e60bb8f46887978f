package multiprocessing.connection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import multiprocessing.error.BufferTooShortException;
import multiprocessing.error.SerializationException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** What connections between processes do, whatever started the processes. */
@ProcessTest
@SuppressWarnings(
    "try") // what is closed twice, or at another time than its block ends, is what is tested
abstract class ConnectionContract {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final long SHORT_NANOS = SHORT.toNanos();
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final byte[] LATIN = {'l', 'a', 't', 'i', 'n'};

  final StartMethod method;

  ConnectionContract(StartMethod method) {
    this.method = method;
  }

  final ChildProcess start(SerializableRunnable task) {
    return Children.start(method, task);
  }

  /** Lets go of an end that a child has been given, unless the child has this very object. */
  private void letGo(Connection given) {
    if (method != StartMethod.IN_PROCESS) {
      given.close();
    }
  }

  /** Sends each message of bytes back, until an empty one comes. */
  private static void echo(Connection connection) throws Exception {
    byte[] message = connection.recvBytes();
    while (message.length > 0) {
      connection.sendBytes(message);
      message = connection.recvBytes();
    }
    connection.close();
  }

  /** A pipe whose second end a child has. */
  private record ToChild(Connection connection, Connection there, ChildProcess child)
      implements AutoCloseable {
    @Override
    public void close() throws InterruptedException {
      connection.close();
      Children.joinAll(child);
      there.close();
    }
  }

  /** What a child does with its end of a pipe. */
  private interface Talk extends Serializable {
    void with(Connection connection) throws Exception;
  }

  private ToChild talk(Talk talk) {
    Pipe pipe = Pipe.open();
    Connection there = pipe.second();
    ChildProcess child = start(() -> talk.with(there));
    letGo(there);
    return new ToChild(pipe.first(), there, child);
  }

  private static <T> T received(Connection connection, Class<T> type) throws Exception {
    return type.cast(Objects.requireNonNull(connection.recv()));
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @Test
  @Proves({130, 132})
  void objectsAndBytesGoToAChildAndComeBack() throws Exception {
    try (ToChild talk =
        talk(
            connection -> {
              connection.send(connection.recv());
              echo(connection);
            })) {
      Connection connection = talk.connection;
      List<Object> objects = List.of(1, 2.25, "text", Map.of("a", List.of(1, 2)), LONG);
      connection.send(objects);
      assertEquals(objects, connection.recv());
      connection.sendBytes(LATIN);
      assertArrayEquals(LATIN, connection.recvBytes());
      byte[] large = random(16 * 1024 * 1024);
      connection.sendBytes(large);
      assertArrayEquals(large, connection.recvBytes());
      connection.sendBytes(new byte[0]);
      assertTrue(connection.poll(LONG), "the end of the child is seen by poll");
      assertThrows(EOFException.class, connection::recvBytes);
      assertThrows(EOFException.class, () -> connection.recv());
    }
  }

  @Test
  @Proves(130)
  void messagesGoIntoBuffers() throws Exception {
    try (ToChild talk = talk(ConnectionContract::echo)) {
      Connection connection = talk.connection;
      byte[] target = new byte[20];
      connection.sendBytes(LATIN);
      assertEquals(LATIN.length, connection.recvBytesInto(target));
      assertArrayEquals(LATIN, Arrays.copyOf(target, LATIN.length));
      connection.sendBytes(LATIN);
      assertEquals(LATIN.length, connection.recvBytesInto(target, 15));
      assertArrayEquals(LATIN, Arrays.copyOfRange(target, 15, 20));
      byte[] tooLong = random(100);
      connection.sendBytes(tooLong);
      BufferTooShortException thrown =
          assertThrows(BufferTooShortException.class, () -> connection.recvBytesInto(target, 15));
      assertArrayEquals(tooLong, thrown.message());
      assertThrows(IndexOutOfBoundsException.class, () -> connection.recvBytesInto(target, 21));
      assertThrows(IndexOutOfBoundsException.class, () -> connection.recvBytesInto(target, -1));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment memory = arena.allocate(1 << 20);
        byte[] large = random(1 << 20);
        connection.sendBytes(MemorySegment.ofArray(large));
        assertEquals(large.length, connection.recvBytesInto(memory));
        assertArrayEquals(large, memory.toArray(ValueLayout.JAVA_BYTE));
        connection.sendBytes(memory);
        assertArrayEquals(large, connection.recvBytes());
      }
      connection.sendBytes(new byte[0]);
    }
  }

  @Test
  @Proves(130)
  void pollWaitsAsLongAsItIsTold() throws Exception {
    try (ToChild talk = talk(ConnectionContract::echo)) {
      Connection connection = talk.connection;
      assertFalse(connection.poll());
      assertFalse(connection.poll(Duration.ofSeconds(-1)));
      long start = System.nanoTime();
      assertFalse(connection.poll(SHORT));
      assertTrue(System.nanoTime() - start >= SHORT_NANOS, "poll came back too early");
      connection.sendBytes(LATIN);
      assertTrue(connection.poll(LONG));
      assertTrue(connection.poll());
      assertArrayEquals(LATIN, connection.recvBytes());
      assertFalse(connection.poll());
      connection.sendBytes(new byte[0]);
    }
  }

  @Test
  @Proves({131, 150})
  void theEndsOfAOneWayPipeKeepTheirDirection() throws Exception {
    try (Pipe there = Pipe.open(false);
        Pipe back = Pipe.open(false)) {
      Connection reader = there.first();
      Connection writer = back.second();
      ChildProcess child =
          start(
              () -> {
                assertTrue(reader.isReadable());
                assertFalse(reader.isWritable());
                assertFalse(writer.isReadable());
                assertThrows(IOException.class, () -> reader.send(1));
                assertThrows(IOException.class, () -> writer.recv());
                writer.send(received(reader, Integer.class) + 1);
              });
      there.second().send(1);
      assertEquals(2, back.first().recv());
      Children.joinAll(child);
      assertThrows(IOException.class, () -> back.second().poll());
      assertThrows(IOException.class, () -> back.second().recvBytes());
      assertThrows(IOException.class, () -> there.first().sendBytes(LATIN));
    }
  }

  @Test
  @Proves(133)
  void rangesOfAnArrayAreSent() throws Exception {
    byte[] message = "abcdefghijklmnopqrstuvwxyz".getBytes(UTF_8);
    try (Pipe pipe = Pipe.open()) {
      Connection a = pipe.first();
      Connection b = pipe.second();
      a.sendBytes(message, 5);
      assertArrayEquals(Arrays.copyOfRange(message, 5, 26), b.recvBytes());
      a.sendBytes(message, 7, 8);
      assertArrayEquals(Arrays.copyOfRange(message, 7, 15), b.recvBytes());
      a.sendBytes(message, 26);
      assertEquals(0, b.recvBytes().length);
      a.sendBytes(message, 26, 0);
      assertEquals(0, b.recvBytes().length);
      a.sendBytes(ByteBuffer.wrap(message, 3, 4));
      assertArrayEquals(Arrays.copyOfRange(message, 3, 7), b.recvBytes());
      assertThrows(IndexOutOfBoundsException.class, () -> a.sendBytes(message, 27));
      assertThrows(IndexOutOfBoundsException.class, () -> a.sendBytes(message, 22, 5));
      assertThrows(IndexOutOfBoundsException.class, () -> a.sendBytes(message, 26, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> a.sendBytes(message, -1));
      assertThrows(IndexOutOfBoundsException.class, () -> a.sendBytes(message, 4, -1));
    }
  }

  @Test
  void aBoundIsHeldAgainstALongMessage() throws Exception {
    try (Pipe pipe = Pipe.open()) {
      pipe.second().sendBytes(LATIN);
      pipe.second().sendBytes(LATIN);
      assertArrayEquals(LATIN, pipe.first().recvBytes(5));
      assertThrows(IllegalArgumentException.class, () -> pipe.first().recvBytes(-1));
      IOException thrown = assertThrows(IOException.class, () -> pipe.first().recvBytes(4));
      assertTrue(
          String.valueOf(thrown.getMessage()).contains("bad message length"), thrown.getMessage());
      assertThrows(IOException.class, pipe.first()::recvBytes);
      pipe.first().sendBytes(LATIN);
      assertArrayEquals(LATIN, pipe.second().recvBytes(), "it can send still");
    }
    try (Pipe pipe = Pipe.open(false)) {
      pipe.second().sendBytes(LATIN);
      assertThrows(IOException.class, () -> pipe.first().recvBytes(4));
      assertTrue(pipe.first().isClosed());
    }
  }

  @Test
  @Proves(137)
  void closedEndsRefuse() throws Exception {
    Connection first;
    try (Pipe pipe = Pipe.open()) {
      first = pipe.first();
      pipe.first().send(1891);
      assertEquals(1891, pipe.second().recv());
    }
    assertTrue(first.isClosed());
    first.close();
    assertThrows(IOException.class, () -> first.recv());
    assertThrows(IOException.class, first::poll);
    assertThrows(IOException.class, () -> first.send(1));
    assertThrows(IllegalStateException.class, () -> Wait.any(List.of(first)));
    assertThrows(SerializationException.class, () -> new ProcessQueue<>().put(first));
  }

  @Test
  @Proves({145, 146, 148})
  void emptyAndSmallMessagesStayWhatTheyAre() throws Exception {
    try (ToChild talk =
        talk(
            connection -> {
              Object _ = connection.recv();
              for (String text : List.of("", "hello", "", "bye", "a", "b", "c")) {
                connection.sendBytes(text.getBytes(UTF_8));
              }
              Object _ = connection.recv();
            })) {
      Connection connection = talk.connection;
      assertFalse(connection.poll());
      connection.send("go");
      for (String text : List.of("", "hello", "", "bye", "a", "b", "c")) {
        for (int i = 0; i < 3; i++) {
          assertTrue(connection.poll(LONG));
        }
        assertEquals(text, new String(connection.recvBytes(), UTF_8));
      }
      assertFalse(connection.poll());
      connection.send("done");
    }
  }

  @Test
  @Proves(147)
  void pollInAnotherProcessTakesNothing() throws Exception {
    try (Pipe pipe = Pipe.open(false)) {
      Connection reader = pipe.first();
      Connection writer = pipe.second();
      ProcessQueue<String> said = new ProcessQueue<>();
      ChildProcess poller =
          start(
              () -> {
                assertTrue(reader.poll(LONG));
                said.put("polled");
              });
      ChildProcess sender =
          start(
              () -> {
                for (int i = 0; i < 200; i++) {
                  writer.send(List.of("message", i));
                }
              });
      assertEquals("polled", said.take());
      for (int i = 0; i < 200; i++) {
        assertEquals(List.of("message", i), reader.recv());
      }
      Children.joinAll(poller, sender);
    }
  }

  @Test
  @Proves(149)
  void connectionsTravelThroughConnectionsAndQueues() throws Exception {
    ProcessQueue<Connection> queue = new ProcessQueue<>();
    try (ToChild talk =
            talk(
                connection -> {
                  Connection one = received(connection, Connection.class);
                  one.send("through a connection");
                  one.close();
                  Connection two = queue.take();
                  two.send("through a queue");
                  two.close();
                  Object[] many = received(connection, Object[].class);
                  for (Object each : many) {
                    ((Connection) each).send("one of many");
                    ((Connection) each).close();
                  }
                });
        Pipe first = Pipe.open();
        Pipe second = Pipe.open(false)) {
      talk.connection.send(first.second());
      first.second().close();
      assertEquals("through a connection", first.first().recv());
      assertThrows(EOFException.class, () -> first.first().recv());
      queue.put(second.second());
      second.second().close();
      assertEquals("through a queue", second.first().recv());
      assertThrows(EOFException.class, () -> second.first().recv());
      Pipe[] pipes = new Pipe[5];
      Arrays.setAll(pipes, i -> Pipe.open());
      talk.connection.send(Arrays.stream(pipes).map(Pipe::second).toArray());
      for (Pipe pipe : pipes) {
        pipe.second().close();
        assertEquals("one of many", pipe.first().recv());
        pipe.close();
      }
    }
  }

  @Test
  @Proves(149)
  void acceptedConnectionsTravelToo() throws Exception {
    for (Address address : List.of(Address.arbitrary(), Address.tcp("127.0.0.1", 0))) {
      try (Listener listener = Listener.open(address);
          ToChild talk =
              talk(
                  connection -> {
                    try (Connection accepted = received(connection, Connection.class)) {
                      accepted.send(accepted.recv() + " and back");
                    }
                    try (Listener shared = received(connection, Listener.class);
                        Connection another = shared.accept()) {
                      another.send("accepted by the child");
                    }
                  })) {
        try (Connection client = Client.connect(listener.address());
            Connection accepted = listener.accept()) {
          talk.connection.send(accepted);
          accepted.close();
          client.send("there");
          assertEquals("there and back", client.recv());
        }
        talk.connection.send(listener);
        try (Connection client = Client.connect(listener.address())) {
          assertEquals("accepted by the child", client.recv());
        }
      }
    }
  }

  @Test
  void manyConnectionsAreGivenAtTheStart() throws Exception {
    Pipe[] pipes = new Pipe[300];
    Arrays.setAll(pipes, i -> Pipe.open());
    Connection[] there = Arrays.stream(pipes).map(Pipe::second).toArray(Connection[]::new);
    ChildProcess child =
        start(
            () -> {
              for (int i = 0; i < there.length; i++) {
                there[i].send(i);
              }
            });
    for (int i = 0; i < pipes.length; i++) {
      letGo(there[i]);
      assertEquals(i, pipes[i].first().recv());
      pipes[i].close();
    }
    Children.joinAll(child);
  }

  @Test
  @Proves({142, 143})
  void aChildConnectsByEachKindOfAddress() throws Exception {
    for (Address address : List.of(Address.arbitrary(), Address.tcp("127.0.0.1", 0))) {
      try (Listener listener = Listener.open(address)) {
        Address actual = listener.address();
        ChildProcess child =
            start(
                () -> {
                  Connection connection = Client.connect(actual);
                  connection.send("hello");
                  connection.close();
                });
        Children.joinAll(child); // it has gone before it is accepted
        try (Connection connection = listener.accept()) {
          assertEquals("hello", connection.recv());
          assertThrows(EOFException.class, () -> connection.recv());
        }
      }
    }
  }

  @Test
  void nullAndExceptionsAreObjects() throws Exception {
    try (Pipe pipe = Pipe.open()) {
      pipe.first().send(null);
      assertNull(pipe.second().recv());
      pipe.first().send(new IllegalStateException("an object like others"));
      assertInstanceOf(IllegalStateException.class, pipe.second().recv());
      SerializationException thrown =
          assertThrows(
              SerializationException.class,
              () -> pipe.first().send(List.of(Thread.currentThread())));
      assertTrue(String.valueOf(thrown.getMessage()).contains("message"), thrown.getMessage());
      pipe.first().send("next");
      assertEquals("next", pipe.second().recv());
    }
  }
}
