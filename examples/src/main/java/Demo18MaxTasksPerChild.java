import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import multiprocessing.Multiprocessing;
import multiprocessing.pool.ProcessPool;
import org.jspecify.annotations.NullMarked;

/** 18 max-tasks-per-child: a pool whose workers are replaced after two tasks each. */
@NullMarked
public final class Demo18MaxTasksPerChild {
  private static int doCalculation(int data) {
    return data * 2;
  }

  private static void startProcess() {
    System.out.println("Starting " + Multiprocessing.currentProcess().name());
  }

  @SuppressWarnings("StreamToString") // that it is no list yet is what is shown
  public static void main(String[] args) throws InterruptedException {
    List<Integer> inputs = IntStream.range(0, 10).boxed().toList();
    System.out.println("Input   : " + inputs);

    Stream<Integer> builtinOutputs = inputs.stream().map(data -> doCalculation(data));
    System.out.println("Built-in: " + builtinOutputs);

    int poolSize = Multiprocessing.cpuCount() * 2;
    ProcessPool pool =
        Multiprocessing.poolBuilder()
            .processes(poolSize)
            .initializer(() -> startProcess())
            .maxTasksPerChild(2)
            .build();
    List<Integer> poolOutputs = pool.map(data -> doCalculation(data), inputs);
    pool.close(); // no more tasks, and wait for those that run

    System.out.println("Pool    : " + poolOutputs);
  }
}
