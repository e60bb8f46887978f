package multiprocessing.internal.os;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/**
 * How this room reaches libc: one linker, one way to bind a function, one way to read {@code
 * errno}.
 *
 * <p>Every function that can fail takes the {@code errno} capture segment as its first argument;
 * callers get it from {@link #captureState(Arena)} and read it with {@link #errno(MemorySegment)}.
 */
final class Native {
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  static final AddressLayout POINTER = ValueLayout.ADDRESS;

  private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  static {
    requireSupportedPlatform();
  }

  private Native() {}

  private static void requireSupportedPlatform() {
    String name = System.getProperty("os.name", "?");
    String architecture = System.getProperty("os.arch", "?");
    boolean supported =
        name.toLowerCase(Locale.ROOT).contains("linux")
            && (architecture.equals("amd64") || architecture.equals("aarch64"));
    if (!supported) {
      throw new UnsupportedOperationException(
          "multiprocessing runs on Linux (x86-64, aarch64); this is "
              + name
              + " on "
              + architecture);
    }
  }

  /** Binds a libc function whose failure is told by {@code errno}. */
  static MethodHandle bind(String name, FunctionDescriptor descriptor) {
    return bind(name, descriptor, Linker.Option.captureCallState("errno"));
  }

  /** Binds a libc function that cannot fail, or whose result is its error code. */
  static MethodHandle bindPlain(String name, FunctionDescriptor descriptor) {
    return bind(name, descriptor, new Linker.Option[0]);
  }

  /** Binds a variadic libc function whose failure is told by {@code errno}. */
  static MethodHandle bindVariadic(String name, int firstVariadic, FunctionDescriptor descriptor) {
    return bind(
        name,
        descriptor,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(firstVariadic));
  }

  private static MethodHandle bind(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    MemorySegment symbol =
        Linker.nativeLinker()
            .defaultLookup()
            .find(name)
            .orElseThrow(
                () ->
                    new UnsupportedOperationException(
                        "this C library has no " + name + "; glibc 2.34 or newer is needed"));
    return bind(symbol, descriptor, options);
  }

  /** Binds the function at an address, whose failure is told by {@code errno}. */
  static MethodHandle bind(long address, FunctionDescriptor descriptor) {
    return bind(
        MemorySegment.ofAddress(address), descriptor, Linker.Option.captureCallState("errno"));
  }

  @SuppressWarnings("restricted") // this is the one place where the library binds native code
  private static MethodHandle bind(
      MemorySegment symbol, FunctionDescriptor descriptor, Linker.Option... options) {
    return Linker.nativeLinker().downcallHandle(symbol, descriptor, options);
  }

  static MemorySegment captureState(Arena arena) {
    return arena.allocate(CAPTURE);
  }

  static int errno(MemorySegment captureState) {
    return (int) ERRNO.get(captureState, 0L);
  }

  /** A downcall declares {@link Throwable}; none of ours throws a checked exception. */
  static RuntimeException impossible(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException runtime) {
      return runtime;
    }
    return new IllegalStateException(thrown);
  }
}
