package multiprocessing.internal.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import multiprocessing.error.RemoteTaskException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Exceptions as outcomes of tasks: whatever they are, the receiver gets something to throw. */
@Timeout(120)
final class FailureTest {
  private static RemoteFailure send(Codec codec, Throwable failure) {
    byte[] message = codec.encodeFailure(failure).toBytes();
    Object fromArray = codec.decode(message);
    Object fromSegment = codec.decode(MemorySegment.ofArray(message), 0, message.length);
    assertInstanceOf(RemoteFailure.class, fromArray);
    assertInstanceOf(RemoteFailure.class, fromSegment);
    var got = (RemoteFailure) fromSegment;
    assertEquals(failure.getClass().getName(), got.className());
    return got;
  }

  private static String print(Throwable failure) {
    var text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  @ParameterizedTest
  @EnumSource
  void exceptionArrivesAsItselfWithTheRemoteStackAsCause(Mode mode) {
    RemoteFailure got = send(mode.codec(), new Failures.WithFields("broken", 7));
    assertEquals("broken", got.message());
    Throwable thrown = got.toThrowable();
    assertEquals(7, assertInstanceOf(Failures.WithFields.class, thrown).code);
    var carrier = assertInstanceOf(RemoteTaskException.class, thrown.getCause());
    assertTrue(carrier.remoteStackTrace().contains("exceptionArrivesAsItself"));
    assertTrue(print(thrown).contains("--- stack in the other process ---"));
    assertEquals(0, carrier.getStackTrace().length);
  }

  @ParameterizedTest
  @EnumSource
  void causesAndSuppressedExceptionsTravelToo(Mode mode) {
    var failure = new IllegalStateException("outer", new IOException("inner"));
    failure.addSuppressed(new Error("beside"));
    RemoteFailure got = send(mode.codec(), failure);
    Throwable thrown = got.toThrowable();
    assertInstanceOf(IOException.class, thrown.getCause());
    assertInstanceOf(RemoteTaskException.class, thrown.getCause().getCause());
    assertEquals("beside", thrown.getSuppressed()[0].getMessage());
    for (String part : List.of("outer", "Caused by: java.io.IOException: inner", "beside")) {
      assertTrue(got.stackText().contains(part));
    }
  }

  @Test
  void exceptionWithAFixedCauseCarriesTheStackAmongItsSuppressed() {
    Throwable thrown = send(Mode.JAVA.codec(), new ClassNotFoundException("x")).toThrowable();
    assertNull(thrown.getCause());
    assertInstanceOf(RemoteTaskException.class, thrown.getSuppressed()[0]);
  }

  @Test
  void exceptionThatAcceptsNothingArrivesBare() {
    Throwable thrown = send(Mode.JAVA.codec(), new Failures.Bare("bare")).toThrowable();
    assertEquals("bare", assertInstanceOf(Failures.Bare.class, thrown).getMessage());
  }

  @Test
  void exceptionWithAnImpossibleCauseArrives() {
    Throwable thrown = send(Mode.JAVA.codec(), new Failures.BadCause("bad")).toThrowable();
    assertInstanceOf(Failures.BadCause.class, thrown);
  }

  @Test
  void circularCausesDoNotHang() {
    var first = new RuntimeException("first");
    var second = new RuntimeException("second", first);
    first.initCause(second);
    Throwable thrown = send(Mode.JAVA.codec(), first).toThrowable();
    assertEquals("first", thrown.getMessage());
    assertInstanceOf(RemoteTaskException.class, thrown.getSuppressed()[0]);
  }

  @Test
  void exceptionThatTravelledTwiceCarriesBothStacks() {
    Codec codec = Mode.JAVA.codec();
    Throwable once = send(codec, new IOException("far")).toThrowable();
    Throwable twice = send(codec, once).toThrowable();
    assertInstanceOf(IOException.class, twice);
    Throwable first = assertInstanceOf(RemoteTaskException.class, twice.getCause());
    assertNotNull(first);
    assertEquals(1, Stream.of(twice.getSuppressed()).filter(FailureTest::isCarrier).count());
  }

  private static boolean isCarrier(Throwable failure) {
    return failure instanceof RemoteTaskException;
  }

  static Stream<Arguments> lostOnes() {
    List<Throwable> failures =
        List.of(
            new Failures.WithSocket("message"),
            new Failures.ReadsForever("message"),
            new Failures.ReadsBadly("message"),
            new Failures.Unreadable("message"),
            new Failures.ReplacedByText("message"),
            new Failures.ResolvesToNull("message"));
    return Arrays.stream(Mode.values())
        .flatMap(mode -> failures.stream().map(failure -> arguments(mode, failure)));
  }

  @ParameterizedTest
  @MethodSource("lostOnes")
  void exceptionThatCannotTravelArrivesAsText(Mode mode, Throwable failure) {
    RemoteFailure got = send(mode.codec(), failure);
    assertNull(got.original());
    var thrown = assertInstanceOf(RemoteTaskException.class, got.toThrowable());
    assertEquals(failure.getClass().getName(), thrown.remoteClassName());
    assertEquals("message", thrown.remoteMessage());
    assertTrue(thrown.remoteStackTrace().contains("lostOnes"), thrown.remoteStackTrace());
    assertTrue(thrown.toString().contains(failure.getClass().getName() + ": message"));
    assertTrue(got.stackText().contains("the exception itself"), got.stackText());
  }

  @ParameterizedTest
  @EnumSource(names = {"DEFAULT", "WARM"})
  void exceptionWithPlainDataTravelsThoughItIsNotSerializable(Mode mode) {
    var data = new Samples.Bare(1, List.of("a"));
    Throwable thrown = send(mode.codec(), new Failures.WithData("data", data)).toThrowable();
    assertEquals(data, assertInstanceOf(Failures.WithData.class, thrown).data);
  }

  @ParameterizedTest
  @EnumSource
  void exceptionThatCannotDescribeItselfArrives(Mode mode) {
    RemoteFailure got = send(mode.codec(), new Failures.NoMessage());
    assertEquals(
        "(its getMessage threw java.lang.IllegalStateException)", got.message(), got.stackText());
    assertInstanceOf(Failures.NoMessage.class, got.toThrowable());
    got = send(mode.codec(), new Failures.NotPrintable("silent"));
    assertTrue(got.stackText().contains("exceptionThatCannotDescribeItself"), got.stackText());
    assertNotNull(send(mode.codec(), new Failures.Unwritable("odd")).toThrowable());
  }

  @Test
  void missingMessageStaysMissing() {
    RemoteFailure got = send(Mode.JAVA.codec(), new RuntimeException());
    assertNull(got.message());
    assertEquals("", send(Mode.JAVA.codec(), new RuntimeException("")).message());
  }

  @Test
  void errorsOfTheVirtualMachineTravel() {
    Codec codec = Mode.DEFAULT.codec();
    assertInstanceOf(StackOverflowError.class, send(codec, overflow()).toThrowable());
    assertInstanceOf(OutOfMemoryError.class, send(codec, new OutOfMemoryError()).toThrowable());
    assertInstanceOf(
        AssertionError.class, send(codec, new AssertionError(new Object())).toThrowable());
  }

  private static StackOverflowError overflow() {
    try {
      return overflowing(0);
    } catch (StackOverflowError e) {
      return e;
    }
  }

  @SuppressWarnings("InfiniteRecursion")
  private static StackOverflowError overflowing(int depth) {
    return overflowing(depth + 1);
  }

  @Test
  void hugeTextIsCut() {
    RemoteFailure got = send(Mode.JAVA.codec(), new Failures.WithSocket("x".repeat(5_000_000)));
    String message = got.message();
    assertNotNull(message);
    assertTrue(message.length() < 100_000);
    assertTrue(message.endsWith("more characters)"));
    assertTrue(got.stackText().length() < 500_000);
  }

  @Test
  void exceptionOfAClassThatTheReceiverLacksArrivesAsText() throws Exception {
    String name = "elsewhere.OddException";
    String source =
        """
        package elsewhere;
        public class OddException extends RuntimeException {
          public OddException(String message) { super(message); }
        }
        """;
    ClassLoader elsewhere = Compiled.loader(Map.of(name, source));
    var failure =
        (Throwable) elsewhere.loadClass(name).getConstructor(String.class).newInstance("odd");
    for (Mode mode : Mode.values()) {
      byte[] message = mode.codec().encodeFailure(failure).toBytes();
      var got = assertInstanceOf(RemoteFailure.class, mode.codec().decode(message));
      assertNull(got.original());
      assertEquals(name, got.className());
      assertEquals("odd", got.message());
      assertTrue(got.stackText().contains("this process has no class " + name), got.stackText());
      Object there = Compiled.with(elsewhere, () -> mode.codec().decode(message));
      Throwable original = assertInstanceOf(RemoteFailure.class, there).original();
      assertSame(failure.getClass(), classOf(original));
    }
  }

  private static @Nullable Class<?> classOf(@Nullable Object value) {
    return value == null ? null : value.getClass();
  }
}
