import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import multiprocessing.Multiprocessing;
import multiprocessing.call.Limits;
import multiprocessing.error.CallCrashedException;
import multiprocessing.error.CallMemoryException;
import multiprocessing.error.CallTimeoutException;
import multiprocessing.process.SerializableCallable;
import org.jspecify.annotations.NullMarked;

/**
 * isolated-call: an endless loop, a full heap and the end of a virtual machine, survived.
 *
 * <p>Each task runs in a process of its own, under limits of time and memory.
 */
@NullMarked
public final class IsolatedCall {
  private static final Limits LIMITS =
      Limits.builder().timeout(Duration.ofSeconds(3)).heap(64L << 20).build();

  private IsolatedCall() {}

  public static void main(String[] args) throws Exception {
    attempt("a sum", () -> 6 * 7);
    attempt("a failure", () -> Integer.parseInt("six"));
    attempt("an endless loop", IsolatedCall::spin);
    attempt("all memory", IsolatedCall::hoard);
    attempt(
        "the end of its virtual machine",
        () -> {
          Runtime.getRuntime().halt(3);
          return 0;
        });
    System.out.println("and this program goes on");
  }

  private static void attempt(String what, SerializableCallable<Integer> task) throws Exception {
    String outcome;
    try {
      outcome = "gives " + Multiprocessing.call(task, LIMITS);
    } catch (NumberFormatException e) {
      outcome = "throws itself: " + e.getMessage();
    } catch (CallTimeoutException e) {
      outcome = "is stuck " + e.threadDump().lines().skip(1).findFirst().orElse("?").strip();
    } catch (CallMemoryException e) {
      outcome = "is told: " + e.getMessage();
    } catch (CallCrashedException e) {
      outcome = "is told: exit code " + e.exitCode();
    }
    System.out.println(what + " " + outcome);
  }

  private static int spin() {
    int turns = 0;
    while (System.nanoTime() != 0) {
      turns++;
    }
    return turns;
  }

  private static int hoard() {
    List<byte[]> all = new ArrayList<>();
    while (all.size() < 1_000_000) {
      all.add(new byte[1 << 20]);
    }
    return all.size();
  }
}
