import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import multiprocessing.Multiprocessing;
import multiprocessing.error.ProcessException;
import multiprocessing.pool.ProcessPool;
import org.jspecify.annotations.NullMarked;

/**
 * native-crash: a call of native code that aborts its process, survived.
 *
 * <p>It is made in a worker of a pool, and what dies is that worker.
 */
@NullMarked
public final class NativeCrash {
  private NativeCrash() {}

  public static void main(String[] args) throws InterruptedException {
    try (ProcessPool pool = Multiprocessing.pool(1)) {
      System.out.println("strlen(\"survivor\") = " + pool.apply(() -> strlen("survivor")));
      try {
        pool.apply(() -> abort());
      } catch (ProcessException e) {
        System.out.println("the worker is lost: " + e.getClass().getSimpleName());
      }
      System.out.println("strlen(\"again\") = " + pool.apply(() -> strlen("again")));
    }
  }

  private static long strlen(String text) {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle strlen =
          function("strlen", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
      return (long) strlen.invokeExact(arena.allocateFrom(text));
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean abort() {
    try {
      function("abort", FunctionDescriptor.ofVoid()).invokeExact();
      return true; // never
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("restricted") // calling native code is what this is about
  private static MethodHandle function(String name, FunctionDescriptor type) {
    MemorySegment symbol = Linker.nativeLinker().defaultLookup().findOrThrow(name);
    return Linker.nativeLinker().downcallHandle(symbol, type);
  }
}
