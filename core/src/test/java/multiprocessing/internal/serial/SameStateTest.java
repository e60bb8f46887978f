package multiprocessing.internal.serial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamField;
import java.io.Serializable;
import java.math.MathContext;
import java.net.URI;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.MessageFormat;
import java.text.SimpleDateFormat;
import java.time.ZoneId;
import java.time.chrono.JapaneseDate;
import java.time.temporal.WeekFields;
import java.util.AbstractList;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.GregorianCalendar;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.Random;
import java.util.SimpleTimeZone;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import multiprocessing.internal.serial.Samples.Box;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What went through Fory has to the last bit the state that Java serialization would give it. */
@SuppressWarnings({"serial", "UnusedVariable"}) // fields are for the serializers
final class SameStateTest {
  static class Named extends ArrayList<String> {
    String name = "";
  }

  /** Fills itself when it is made, as anonymous collections do. */
  static class Filled extends ArrayList<String> {
    Filled() {
      add("own");
    }
  }

  static class FilledMap extends TreeMap<String, Integer> {
    FilledMap() {
      put("own", 1);
    }
  }

  static class Recent extends LinkedHashMap<String, Integer> {
    final int limit;

    Recent(int limit) {
      super(16, 0.75f, true);
      this.limit = limit;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
      return size() > limit;
    }
  }

  static class Multiples extends AbstractList<Integer> implements Serializable {
    int factor = 1;

    @Override
    public Integer get(int index) {
      return index * factor;
    }

    @Override
    public int size() {
      return 5;
    }
  }

  static class Parent implements Serializable {
    private int hidden = 1;
    transient int restored = 2;

    private void writeObject(ObjectOutputStream out) throws IOException {
      out.defaultWriteObject();
      out.writeInt(restored);
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      restored = in.readInt();
    }
  }

  static class Kid extends Parent {
    private int hidden = 3;
    List<Object> list = new ArrayList<>(List.of("in"));
  }

  static class Chosen implements Serializable {
    private static final ObjectStreamField[] serialPersistentFields = {
      new ObjectStreamField("other", int.class)
    };

    transient int value = 3;

    private void writeObject(ObjectOutputStream out) throws IOException {
      out.putFields().put("other", value);
      out.writeFields();
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      value = in.readFields().get("other", 0);
    }
  }

  private static List<Object> ownClasses() {
    var named = new Named();
    named.add("element");
    named.name = "field";
    var filled = new Filled();
    filled.add("added");
    var filledMap = new FilledMap();
    filledMap.put("added", 2);
    var recent = new Recent(2);
    recent.put("a", 1);
    recent.put("b", 2);
    recent.get("a");
    var multiples = new Multiples();
    multiples.factor = 7;
    var kid = new Kid();
    kid.restored = 50;
    ((Parent) kid).hidden = 60;
    kid.hidden = 70;
    var chosen = new Chosen();
    chosen.value = 77;
    return List.of(named, filled, filledMap, recent, multiples, kid, chosen);
  }

  private static List<Object> collections() {
    var reversed = new TreeMap<String, Integer>(Comparator.reverseOrder());
    reversed.put("a", 1);
    var queue = new PriorityQueue<Integer>(Comparator.reverseOrder());
    Collection<Integer> numbers = List.of(2, 1, 3);
    queue.addAll(numbers);
    var properties = new Properties();
    properties.setProperty("key", "value");
    return List.of(
        reversed,
        queue,
        properties,
        new ArrayDeque<>(numbers),
        new ConcurrentLinkedQueue<>(numbers),
        new TreeSet<>(numbers).descendingSet(),
        new TreeMap<>(Map.of(1, 2, 3, 4)).headMap(2),
        Collections.unmodifiableCollection(new ArrayList<>(numbers)),
        Collections.synchronizedSortedSet(new TreeSet<>(numbers)),
        Collections.checkedList(new ArrayList<>(numbers), Integer.class),
        Arrays.asList("a", null),
        new AtomicIntegerArray(new int[] {1, 2}));
  }

  @SuppressWarnings({"JavaUtilDate", "JdkObsolete"}) // people use them nevertheless
  private static List<Object> others() throws Exception {
    return List.of(
        Locale.forLanguageTag("zh-Hans-CN"),
        Locale.forLanguageTag("ar-EG-u-nu-latn"),
        new Box<>(Locale.ROOT),
        new SimpleTimeZone(3_600_000, "own"),
        TimeZone.getTimeZone("America/New_York"),
        new GregorianCalendar(TimeZone.getTimeZone("Asia/Tokyo"), Locale.JAPAN),
        new SimpleDateFormat("yyyy-MM-dd", Locale.US),
        new DecimalFormat("#.00", DecimalFormatSymbols.getInstance(Locale.US)),
        new MessageFormat("{0} of {1}", Locale.US),
        new Random(5),
        Pattern.compile("a+", Pattern.CASE_INSENSITIVE),
        URI.create("http://localhost:80/x").toURL(),
        MathContext.DECIMAL64,
        JapaneseDate.of(2020, 1, 1),
        WeekFields.ISO,
        ZoneId.of("Europe/Paris").getRules(),
        Comparator.nullsFirst(Comparator.<String>naturalOrder()),
        String.CASE_INSENSITIVE_ORDER,
        int[][].class,
        new Box<>("\uD800 alone"),
        new Box<>((short) 5),
        new Box<>('c'));
  }

  static Stream<Object> values() throws Exception {
    return Stream.of(ownClasses(), collections(), others()).flatMap(List::stream);
  }

  private static byte[] state(Object value) throws IOException {
    return new JavaSerializer(false).serialize(value);
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("values")
  void stateIsTheSame(Object value) throws IOException {
    assertEquals(Tag.FORY, Mode.WARM.codec().encode(value).toBytes()[0]);
    byte[] expected = state(Mode.JAVA.roundTrip(value));
    assertArrayEquals(expected, state(Mode.WARM.roundTrip(value)));
  }

  @Test
  void defaultsOfPropertiesTravel() {
    var defaults = new Properties();
    defaults.setProperty("key", "default");
    assertEquals("default", Mode.WARM.roundTrip(new Properties(defaults)).getProperty("key"));
  }
}
