import java.lang.reflect.InvocationTargetException;
import multiprocessing.Multiprocessing;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.NullMarked;

/** Runs a program under a start method: its name and that of the method are the arguments. */
@NullMarked
final class DemoMain {
  private DemoMain() {}

  public static void main(String[] args) throws Throwable {
    Multiprocessing.setStartMethod(StartMethod.valueOf(args[1]));
    try {
      Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
