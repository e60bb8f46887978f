import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import multiprocessing.Multiprocessing;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.NullMarked;

/** Runs a program under a start method: its name, that of the method, and its own arguments. */
@NullMarked
final class DemoMain {
  private DemoMain() {}

  public static void main(String[] args) throws Throwable {
    Multiprocessing.setStartMethod(StartMethod.valueOf(args[1]));
    try {
      Object own = Arrays.copyOfRange(args, 2, args.length);
      Class.forName(args[0]).getMethod("main", String[].class).invoke(null, own);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
