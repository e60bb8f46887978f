package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The way to the kernel and the C library without the C helper: the foreign function interface,
 * with one downcall shape for everything, six longs in and one long out.
 *
 * <p>The JDK spins classes for each new shape of a downcall: 4 to 8 ms, which no AOT cache saves,
 * against 0.2 ms for one more function of a shape that is there; the first shape takes 40 ms. That
 * is why {@link HelperCalls} are preferred.
 */
final class ForeignCalls {
  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(
          Native.LONG,
          Native.LONG,
          Native.LONG,
          Native.LONG,
          Native.LONG,
          Native.LONG,
          Native.LONG,
          Native.LONG);
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle FUNCTION = link();
  private static final MethodHandle SYSCALL =
      FUNCTION.bindTo(MemorySegment.ofAddress(find("syscall")));

  private ForeignCalls() {}

  @SuppressWarnings("restricted") // with HelperCalls the one place that calls native code
  private static MethodHandle link() {
    return LINKER.downcallHandle(SHAPE, Linker.Option.captureCallState("errno"));
  }

  /** The same as {@link HelperCalls#systemCall}. */
  static long systemCall(long number, long a, long b, long c, long d, long e, long f) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result = (long) SYSCALL.invokeExact(state, number, a, b, c, d, e, f);
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable t) {
      throw Native.impossible(t);
    }
  }

  /** The same as {@link HelperCalls#call}. */
  static long call(long function, long a, long b, long c, long d, long e, long f) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment address = MemorySegment.ofAddress(function);
      return (long) FUNCTION.invokeExact(address, state, a, b, c, d, e, f, 0L);
    } catch (Throwable t) {
      throw Native.impossible(t);
    }
  }

  /** The address of a function of the C library; 0 if there is none of that name. */
  static long find(String name) {
    return LINKER.defaultLookup().find(name).map(MemorySegment::address).orElse(0L);
  }
}
