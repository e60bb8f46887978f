import java.util.ArrayList;
import java.util.List;
import multiprocessing.process.ChildProcess;
import org.jspecify.annotations.NullMarked;

/** 06 subclass: a subclass of ChildProcess that says itself what it does. */
@NullMarked
public final class Demo06Subclass {
  static final class Worker extends ChildProcess {
    @Override
    protected void run() {
      System.out.println("In " + name());
    }
  }

  public static void main(String[] args) throws InterruptedException {
    List<ChildProcess> jobs = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ChildProcess process = new Worker();
      jobs.add(process);
      process.start();
    }
    for (ChildProcess job : jobs) {
      job.join();
    }
  }
}
