package multiprocessing.internal.serial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.File;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import multiprocessing.internal.serial.Samples.Bare;
import multiprocessing.internal.serial.Samples.Box;
import multiprocessing.internal.serial.Samples.Circle;
import multiprocessing.internal.serial.Samples.Color;
import multiprocessing.internal.serial.Samples.Derived;
import multiprocessing.internal.serial.Samples.External;
import multiprocessing.internal.serial.Samples.Hooked;
import multiprocessing.internal.serial.Samples.Node;
import multiprocessing.internal.serial.Samples.Point;
import multiprocessing.internal.serial.Samples.Range;
import multiprocessing.internal.serial.Samples.Single;
import multiprocessing.internal.serial.Samples.WithTransient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Objects that need a serializer arrive alike, whichever it is. */
@Timeout(120)
final class ObjectsTest {
  static Stream<Arguments> values() {
    List<Object> values = new ArrayList<>();
    values.addAll(ownClasses());
    values.addAll(collections());
    values.addAll(times());
    values.addAll(others());
    return Arrays.stream(Mode.values())
        .flatMap(mode -> values.stream().map(value -> arguments(mode, value)));
  }

  private static List<Object> ownClasses() {
    return List.of(
        new Point(1, "one", 1.5),
        new Box<>(List.of(1, "two")),
        new Box<>(null),
        new Range(1, 2),
        new Circle(1),
        Color.RED,
        Color.GREEN,
        EnumSet.allOf(Color.class),
        List.of(Color.values()),
        new EnumMap<>(Map.of(Color.GREEN, 1)),
        new Box<>(new Box<>(new Point(2, "in", 0))));
  }

  @SuppressWarnings("JdkObsolete") // people use LinkedList nevertheless
  private static List<Object> collections() {
    List<Object> values = new ArrayList<>();
    Collections.addAll(
        values,
        List.of(),
        List.of(1),
        List.of(1, 2, 3),
        Set.of(1),
        Set.of(1, 2, 3),
        Map.of("a", 1),
        Map.of("a", 1, "b", 2),
        new ArrayList<>(List.of(1, "a", 2.0)),
        Arrays.asList(1, null),
        Stream.of(1, 2).toList(),
        Stream.of(1, null).toList(),
        new LinkedList<>(List.of(1, 2)),
        new HashMap<>(Map.of("a", List.of(1))),
        new LinkedHashMap<>(Map.of(1, 2)),
        new TreeMap<>(Map.of("a", 1)),
        new ConcurrentHashMap<>(Map.of(1, 2)),
        new ConcurrentSkipListMap<>(Map.of(1, 2)),
        new CopyOnWriteArrayList<>(List.of(1)),
        new HashSet<>(Set.of(1, 2)),
        new TreeSet<>(Set.of(1, 2)),
        Collections.emptyList(),
        Collections.singletonList(1),
        Collections.nCopies(3, "a"),
        Collections.emptyMap(),
        Collections.unmodifiableMap(new HashMap<>(Map.of(1, 2))),
        Collections.synchronizedList(new ArrayList<>(List.of(1))),
        new AbstractMap.SimpleEntry<>(1, 2),
        ConcurrentHashMap.newKeySet());
    return values;
  }

  @SuppressWarnings("JavaUtilDate") // people use Date nevertheless
  private static List<Object> times() {
    return List.of(
        Instant.now(),
        LocalDate.MIN,
        LocalDateTime.MIN,
        OffsetDateTime.MIN,
        ZonedDateTime.now(ZoneId.of("Europe/Berlin")),
        Duration.ofNanos(3),
        Period.ofDays(2),
        ZoneId.of("Europe/Paris"),
        DayOfWeek.MONDAY,
        new Date(),
        TimeUnit.DAYS);
  }

  private static List<Object> others() {
    return List.of(
        UUID.randomUUID(),
        new BigInteger("123456789012345678901234567890"),
        new BigDecimal("1.50"),
        URI.create("http://host/"),
        Locale.FRANCE,
        Currency.getInstance("EUR"),
        new File("/tmp"),
        Path.of("/tmp/a b"),
        List.of(Path.of("relative")),
        new Box<>(Path.of("")),
        String.class,
        int.class,
        BitSet.valueOf(new long[] {5}),
        InetAddress.getLoopbackAddress(),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 80));
  }

  @ParameterizedTest
  @MethodSource("values")
  void valueArrivesEqual(Mode mode, Object value) {
    Object got = mode.roundTrip(value);
    assertEquals(value, got);
    assertEquals(value.hashCode() == got.hashCode(), value.equals(got) || value == got);
  }

  @ParameterizedTest
  @EnumSource
  void arraysOfObjectsTravel(Mode mode) {
    assertArrayEquals(new String[] {"a", null}, mode.roundTrip(new String[] {"a", null}));
    assertArrayEquals(new Object[] {1, "a"}, mode.roundTrip(new Object[] {1, "a"}));
    assertArrayEquals(new int[][] {{1}, {2, 3}}, mode.roundTrip(new int[][] {{1}, {2, 3}}));
    assertArrayEquals(new Point[] {null}, mode.roundTrip(new Point[] {null}));
  }

  @ParameterizedTest
  @EnumSource
  void objectsWithoutEqualityTravel(Mode mode) {
    assertEquals(7, mode.roundTrip(new AtomicInteger(7)).get());
    assertEquals("text", mode.roundTrip(new StringBuilder("text")).toString());
    assertEquals(9, mode.roundTrip(new Hooked(9)).secret);
    var external = new External();
    external.text = "out";
    assertEquals("out", mode.roundTrip(external).text);
    assertSame(Single.INSTANCE, mode.roundTrip(Single.INSTANCE));
    assertSame(Single.INSTANCE, mode.roundTrip(List.of(Single.INSTANCE)).get(0));
  }

  @ParameterizedTest
  @EnumSource(names = {"DEFAULT", "WARM"})
  void classesNeedNotBeSerializable(Mode mode) {
    assertEquals(new Bare(1, List.of("a")), mode.roundTrip(new Bare(1, List.of("a"))));
    var plain = new Samples.Plain();
    plain.a = 5;
    plain.c.add(6);
    assertEquals(plain, mode.roundTrip(plain));
  }

  @ParameterizedTest
  @EnumSource(names = {"DEFAULT", "WARM"})
  void fieldsOfSuperclassThatIsNotSerializableTravelToo(Mode mode) {
    var derived = new Derived();
    derived.inherited = 5;
    derived.own = 6;
    Derived got = mode.roundTrip(derived);
    assertEquals(5, got.inherited);
    assertEquals(6, got.own);
  }

  @ParameterizedTest
  @EnumSource
  void transientFieldsStayBehindAndNoConstructorRuns(Mode mode) {
    var value = new WithTransient();
    value.kept = 7;
    int before = WithTransient.constructed;
    WithTransient got = mode.roundTrip(value);
    assertEquals(7, got.kept);
    assertNull(got.dropped);
    assertEquals(before, WithTransient.constructed);
  }

  @ParameterizedTest
  @EnumSource
  void sharedReferencesStaySharedAndCyclesClose(Mode mode) {
    Object shared = new Point(1, "once", 1);
    Object[] pair = mode.roundTrip(new Object[] {shared, shared});
    assertSame(pair[0], pair[1]);
    var node = new Node();
    node.next = node;
    node.load = new ArrayList<>(List.of(node));
    Node got = mode.roundTrip(node);
    assertSame(got, got.next);
    assertSame(got, ((List<?>) got.load).get(0));
  }

  @ParameterizedTest
  @EnumSource
  void throwablesTravelWholeWithinOthers(Mode mode) {
    var failure = new Failures.WithFields("broken", 7);
    failure.initCause(new IllegalStateException("why"));
    failure.addSuppressed(new Error("beside"));
    Failures.WithFields got = mode.roundTrip(new Box<>(failure)).content();
    assertEquals(7, got.code);
    assertEquals("broken", got.getMessage());
    assertEquals("why", Objects.requireNonNull(got.getCause()).getMessage());
    assertEquals("beside", got.getSuppressed()[0].getMessage());
    assertArrayEquals(failure.getStackTrace(), got.getStackTrace());
  }

  record Folder(Path path, Path[] files, Map<Path, Path> links) implements Serializable {}

  @ParameterizedTest
  @EnumSource
  void pathsTravelThoughTheyAreNotSerializable(Mode mode) {
    Path path = Path.of("/tmp/ä b");
    var folder = new Folder(path, new Path[] {path, null}, new HashMap<>(Map.of(path, path)));
    Folder got = mode.roundTrip(folder);
    assertEquals(path, got.path());
    assertArrayEquals(folder.files(), got.files());
    assertEquals(folder.links(), got.links());
  }

  @ParameterizedTest
  @EnumSource
  void longChainsDoNotOverflowTheStack(Mode mode) {
    var chain = new Node();
    for (int i = 0; i < 49_999; i++) {
      var node = new Node();
      node.next = chain;
      chain = node;
    }
    int length = 0;
    for (Node node = mode.roundTrip(chain); node != null; node = node.next) {
      length++;
    }
    assertEquals(50_000, length);
  }

  @ParameterizedTest
  @EnumSource
  void manyObjectsTravelInOneMessage(Mode mode) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      points.add(new Point(i, "p" + i, i));
    }
    assertEquals(points, mode.roundTrip(points));
    List<Object> nulls = new ArrayList<>(Collections.nCopies(100_000, null));
    assertEquals(nulls, mode.roundTrip(nulls));
  }

  @Test
  void eachModeReadsWhatTheOthersWrite() {
    for (Mode sender : Mode.values()) {
      for (Mode receiver : Mode.values()) {
        byte[] message = sender.codec().encode(new Point(1, "x", 2)).toBytes();
        assertEquals(new Point(1, "x", 2), receiver.codec().decode(message));
        byte[] task = sender.codec().encodeForStart(new Point(1, "x", 2)).toBytes();
        assertEquals(Tag.JAVA, task[0]);
        assertEquals(new Point(1, "x", 2), receiver.codec().decode(task));
      }
    }
  }

  @Test
  void startTaskThatJavaSerializationRefusesGoesToTheOther() {
    byte[] task = Mode.DEFAULT.codec().encodeForStart(new Bare(1, List.of())).toBytes();
    assertEquals(Tag.FORY, task[0]);
    assertEquals(new Bare(1, List.of()), Mode.DEFAULT.codec().decode(task));
  }

  @Test
  void busyCodecGoesOverToForyByItself() throws InterruptedException {
    Codec codec = Mode.DEFAULT.codec();
    var value = new Box<>("x".repeat(10_000));
    assertEquals(Tag.JAVA, codec.encode(value).toBytes()[0]);
    boolean changed = false;
    for (int i = 0; i < 6_000 && !changed; i++) {
      byte[] message = codec.encode(value).toBytes();
      assertEquals(value, codec.decode(message));
      changed = message[0] == Tag.FORY;
      Thread.sleep(i < 200 ? 0 : 5);
    }
    assertTrue(changed);
  }
}
