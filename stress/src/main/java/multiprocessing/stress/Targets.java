package multiprocessing.stress;

import java.io.Serializable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import multiprocessing.call.CallTargets;
import multiprocessing.connection.ConnectionTargets;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.classes.ClassTargets;
import multiprocessing.internal.launch.LaunchTargets;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.relay.LogRelay;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.wire.FrameSocket;
import multiprocessing.internal.wire.Writer;
import multiprocessing.manager.ManagerTargets;
import multiprocessing.memory.MemoryTargets;
import multiprocessing.pool.PoolTargets;

/** Every decoder of bytes that come from another process. */
final class Targets {
  private record Point(int x, double y, String name, List<Integer> numbers)
      implements Serializable {}

  private Targets() {}

  static List<Target> all() {
    List<Target> targets = new ArrayList<>(List.of(objects(), objectsInMemory(), frames(), logs()));
    targets.addAll(ClassTargets.all());
    targets.addAll(LaunchTargets.all());
    targets.addAll(ConnectionTargets.all());
    targets.addAll(ManagerTargets.all());
    targets.addAll(PoolTargets.all());
    targets.addAll(CallTargets.all());
    targets.addAll(MemoryTargets.all());
    return targets;
  }

  private static List<byte[]> messages() {
    Codec codec = Codec.shared();
    List<byte[]> messages = new ArrayList<>();
    Map<String, Object> map = new HashMap<>(Map.of("one", 1, "two", List.of(2)));
    for (Object value :
        List.of(
            1,
            2L,
            "text",
            "漢字",
            new byte[30],
            new double[5],
            new Point(1, 2, "p", List.of(3)),
            new Object[] {1, "two", new byte[3], List.of(true, 4.5)},
            map)) {
      messages.add(codec.encode(value).toBytes());
      messages.add(codec.encodeForStart(value).toBytes());
    }
    messages.add(codec.encodeFailure(new IllegalStateException("why")).toBytes());
    codec.warmUp(); // from here on by the other serializer
    messages.add(codec.encode(new Point(4, 5, "q", List.of(6))).toBytes());
    messages.add(codec.encode(map).toBytes());
    return messages;
  }

  private static Target objects() {
    return new Target(
        "objects",
        messages(),
        List.of(SerializationException.class),
        message -> Codec.shared().decode(message));
  }

  private static Target objectsInMemory() {
    return new Target(
        "objects in memory",
        messages(),
        List.of(SerializationException.class),
        message -> {
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(message.length + 1, 1);
            MemorySegment.copy(message, 0, memory, ValueLayout.JAVA_BYTE, 1, message.length);
            Codec.shared().decode(memory, 1, message.length);
          }
        });
  }

  /** Log records of children. */
  private static Target logs() {
    Writer record = new Writer().number(20).text("child").number(1).number(2);
    return new Target(
        "log records",
        List.of(record.text("main").text("words").toBytes()),
        List.of(IllegalStateException.class),
        LogRelay::read);
  }

  /** What comes over a socket, up to its end. */
  private static Target frames() {
    byte[] two = {0, 0, 0, 2, 7, 8, 0, 0, 0, 0, 0, 0, 0, 1, 9};
    return new Target(
        "frames",
        List.of(two, new byte[] {0, 0, 0, 1, 5}),
        List.of(IllegalStateException.class),
        message -> {
          int[] ends = UnixSocket.pair();
          FrameSocket socket = new FrameSocket(ends[0]);
          try {
            if (message.length > 0) {
              UnixSocket.send(ends[1], message, 0);
            }
          } finally {
            Descriptors.close(ends[1]);
          }
          try {
            while (socket.receive() != null) {
              // up to the end
            }
          } finally {
            socket.close();
          }
        });
  }
}
