package multiprocessing.stress;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Feeds damaged messages to decoders. A decoder may find something in them, or refuse them with one
 * of the exceptions that it is allowed; anything else is a fault, and so is one that takes seconds.
 *
 * <p>Each message comes from a number, so a fault can be had again with {@code --seed}.
 */
final class Fuzzer {
  private static final int MOST_FAULTS = 20;
  private static final int BATCH = 200;
  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final int MOST_SHOWN = 200;

  private static final long STALL_NANOS = TimeUnit.MINUTES.toNanos(2);

  private final Options options;
  private final PrintStream out;
  private final List<String> found = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Long> counts = new ConcurrentSkipListMap<>();
  private volatile Feeding current = new Feeding("nothing", new byte[0], System.nanoTime());
  private volatile boolean over;

  /** What is being decoded. */
  private record Feeding(String target, byte[] message, long since) {}

  Fuzzer(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /** Runs for the time that was asked for; gives what was found, nothing if all is well. */
  List<String> run() throws InterruptedException {
    long end = System.nanoTime() + options.duration().toNanos();
    Thread feeder = Thread.ofPlatform().daemon().name("fuzzer").start(this::feedAll);
    for (long seconds = 1; feeder.isAlive(); seconds++) {
      feeder.join(Duration.ofSeconds(1));
      out.println("%4d s  %s; faults %d".formatted(seconds, line(), found.size()));
      over |= System.nanoTime() > end || found.size() >= MOST_FAULTS;
      if (System.nanoTime() - current.since() > STALL_NANOS) {
        found.add("no end in sight: " + current.target() + " of " + shown(current.message()));
        for (StackTraceElement frame : feeder.getStackTrace()) {
          found.add("\tat " + frame);
        }
        break;
      }
    }
    return List.copyOf(found);
  }

  private void feedAll() {
    List<Target> targets = Targets.all();
    for (long round = 0; !over; round++) {
      for (Target target : targets) {
        Random random = new Random(options.seed() + round);
        long end = System.nanoTime() + TURN_NANOS; // so that slow ones do not hold up the others
        for (int i = 0; i < BATCH && System.nanoTime() < end && !over; i++) {
          feed(target, damaged(target.samples(), random));
          counts.merge(target.name(), 1L, Long::sum);
        }
      }
    }
    targets.forEach(target -> target.decoder().close());
  }

  private String line() {
    return counts.entrySet().stream()
        .map(each -> each.getKey() + " " + each.getValue())
        .collect(Collectors.joining(", "));
  }

  private void feed(Target target, byte[] message) {
    long start = System.nanoTime();
    current = new Feeding(target.name(), message, start);
    try {
      target.decoder().decode(message.clone());
    } catch (Throwable e) {
      if (target.allowed().stream().noneMatch(type -> type.isInstance(e))) {
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        found.add(target.name() + " of " + shown(message) + ": " + trace);
      }
    }
    if (System.nanoTime() - start > SLOW_NANOS) {
      found.add(target.name() + " of " + shown(message) + " took " + SLOW_NANOS + " ns or more");
    }
  }

  private static String shown(byte[] message) {
    String hex = HexFormat.of().formatHex(message, 0, Math.min(message.length, MOST_SHOWN));
    return message.length > MOST_SHOWN ? hex + "…" : hex;
  }

  /** A message that is nearly one of the samples, or like none. */
  static byte[] damaged(List<byte[]> samples, Random random) {
    byte[] message = samples.get(random.nextInt(samples.size())).clone();
    for (int left = 1 + random.nextInt(3); left > 0; left--) {
      message = damagedOnce(message, samples, random);
    }
    return message;
  }

  private static byte[] damagedOnce(byte[] message, List<byte[]> samples, Random random) {
    if (message.length == 0) {
      return new byte[random.nextInt(20)];
    }
    int at = random.nextInt(message.length);
    byte[] result = message.clone();
    switch (random.nextInt(7)) {
      case 0 -> result[at] = (byte) random.nextInt();
      case 1 -> result[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> result = java.util.Arrays.copyOf(message, at);
      case 3 -> result = joined(message, at, samples.get(random.nextInt(samples.size())), random);
      case 4 -> fill(result, at, (byte) (random.nextBoolean() ? 0xff : 0));
      case 5 -> fill(result, at, (byte) 0x7f);
      default -> {
        result = new byte[random.nextInt(60)];
        random.nextBytes(result);
      }
    }
    return result;
  }

  /** Where a number lies, that becomes the largest, the least or none. */
  private static void fill(byte[] message, int from, byte value) {
    int end = Math.min(message.length, from + Long.BYTES);
    for (int i = from; i < end; i++) {
      message[i] = value;
    }
  }

  private static byte[] joined(byte[] one, int end, byte[] other, Random random) {
    int from = other.length == 0 ? 0 : random.nextInt(other.length);
    byte[] result = new byte[end + other.length - from];
    System.arraycopy(one, 0, result, 0, end);
    System.arraycopy(other, from, result, end, other.length - from);
    return result;
  }
}
