package multiprocessing.internal.os;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Both ways to native code: that of the helper, and that of a machine where it is not loaded. */
final class CallsTest {
  private static final int NO_DESCRIPTOR = -1;
  private static final long LONG_WAY_UP = 1L << 40;

  private static int ran;

  @Test
  void theHelperIsInUse() {
    assertTrue(HelperLibrary.IS_LINKED);
  }

  @Test
  void bothMakeTheSameSystemCalls() {
    long pid = ProcessHandle.current().pid();
    assertEquals(pid, HelperCalls.systemCall(SystemCall.GETPID, 0, 0, 0, 0, 0, 0));
    assertEquals(pid, ForeignCalls.systemCall(SystemCall.GETPID, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void bothGiveErrorsAsNegativeNumbers() {
    long badDescriptor = -9;
    assertEquals(
        badDescriptor, HelperCalls.systemCall(SystemCall.CLOSE, NO_DESCRIPTOR, 0, 0, 0, 0, 0));
    assertEquals(
        badDescriptor, ForeignCalls.systemCall(SystemCall.CLOSE, NO_DESCRIPTOR, 0, 0, 0, 0, 0));
  }

  @Test
  void bothFindAndCallFunctionsOfTheLibraryOfC() {
    assertEquals(ForeignCalls.find("labs"), SystemCall.findByHelper("labs"));
    long function = SystemCall.find("labs");
    assertEquals(LONG_WAY_UP, HelperCalls.call(function, -LONG_WAY_UP, 0, 0, 0, 0, 0));
    assertEquals(LONG_WAY_UP, ForeignCalls.call(function, -LONG_WAY_UP, 0, 0, 0, 0, 0));
  }

  @Test
  void bothPassSixArguments() {
    try (Arena arena = Arena.ofConfined()) {
      for (boolean byHelper : new boolean[] {true, false}) {
        var text = arena.allocate(64);
        long snprintf = SystemCall.find("snprintf");
        long format = arena.allocateFrom("%ld %ld %ld").address();
        long length =
            byHelper
                ? HelperCalls.call(snprintf, text.address(), 64, format, 1, -2, LONG_WAY_UP)
                : ForeignCalls.call(snprintf, text.address(), 64, format, 1, -2, LONG_WAY_UP);
        assertEquals("1 -2 " + LONG_WAY_UP, text.getString(0));
        assertEquals(text.getString(0).length(), (int) length);
      }
    }
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertEquals(0, SystemCall.findByHelper("no_such_function"));
    assertEquals(0, SystemCall.findByHelper("x".repeat(1000)));
    assertEquals(0, ForeignCalls.find("no_such_function"));
    assertThrows(UnsupportedOperationException.class, () -> SystemCall.find("no_such_function"));
  }

  @Test
  void bytesAndDescriptorsArriveInParts() {
    int[] ends = UnixSocket.pair();
    int bell = Descriptors.bell();
    try {
      byte[] sent = new byte[100_000];
      new Random(42).nextBytes(sent);
      List<Integer> descriptors = new ArrayList<>();
      byte[] received = new byte[sent.length];
      int done = UnixSocket.send(ends[0], sent, 0, bell, bell);
      int arrived = UnixSocket.receive(ends[1], received, 0, true, descriptors::add);
      while (arrived < sent.length) {
        if (done < sent.length) {
          done += UnixSocket.send(ends[0], sent, done);
        }
        arrived += UnixSocket.receive(ends[1], received, arrived, true, descriptors::add);
      }
      assertArrayEquals(sent, received);
      assertEquals(2, descriptors.size());
      descriptors.forEach(each -> assertTrue(Descriptors.isOpen(each)));
      descriptors.forEach(Descriptors::close);
      assertEquals(
          UnixSocket.NOTHING_YET,
          UnixSocket.receive(ends[1], received, 0, false, descriptors::add));
      Descriptors.close(ends[0]);
      ends[0] = NO_DESCRIPTOR;
      assertEquals(-1, UnixSocket.receive(ends[1], received, 0, true, descriptors::add));
      OsException gone = assertThrows(OsException.class, () -> UnixSocket.send(ends[1], sent, 0));
      assertEquals(Errno.EPIPE, gone.errno());
    } finally {
      Descriptors.close(ends[0]);
      Descriptors.close(ends[1]);
      Descriptors.close(bell);
    }
  }

  @SuppressWarnings("unused") // called by its name
  private static void run() {
    ran++;
  }

  @SuppressWarnings("unused") // called by its name
  private static void fail() throws Exception {
    throw new Exception("as it is");
  }

  @Test
  void aStaticMethodIsCalledAndThrowsWhatItThrows() throws Throwable {
    call("run").run();
    assertEquals(1, ran);
    Exception thrown = assertThrows(Exception.class, call("fail")::run);
    assertEquals("as it is", thrown.getMessage());
    assertEquals("fail", thrown.getStackTrace()[0].getMethodName());
    assertThrows(NoSuchMethodError.class, call("none")::run);
  }

  private static MethodCall call(String method) {
    return new MethodCall(
        CallsTest.class, method, MethodType.methodType(void.class), null, new Object[0]);
  }

  private @Nullable String told;

  @SuppressWarnings("unused") // called by its name
  private void tell(
      String text, int number, double half, float quarter, boolean truth, char letter, byte[] no) {
    told = text + number + half + quarter + truth + letter + (no == null);
  }

  @Test
  void aMethodOfAnObjectIsCalledWithArgumentsOfAllKinds() throws Throwable {
    MethodType type =
        MethodType.methodType(
            void.class,
            String.class,
            int.class,
            double.class,
            float.class,
            boolean.class,
            char.class,
            byte[].class);
    @Nullable Object[] arguments = {"a", -7, 0.5, 0.25f, true, '\u4e2d', null};
    new MethodCall(CallsTest.class, "tell", type, this, arguments).run();
    assertEquals("a-70.50.25true\u4e2dtrue", told);
  }

  @Test
  void argumentsThatDoNotFitAreRefused() {
    MethodType type = MethodType.methodType(void.class, String.class, int.class);
    for (@Nullable Object[] wrong :
        new @Nullable Object[][] {{"a"}, {1, 1}, {"a", null}, {"a", 1L}, {"a", 1, 2}}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new MethodCall(CallsTest.class, "tell", type, null, wrong));
    }
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new MethodCall(CallsTest.class, "tell", type, "no such object", new Object[] {"a", 1}));
  }
}
