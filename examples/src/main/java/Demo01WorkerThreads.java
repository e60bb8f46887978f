import org.jspecify.annotations.NullMarked;

/** 01 worker-threads: five threads, to compare with the program after this one. */
@NullMarked
public final class Demo01WorkerThreads {
  private static void worker(int number) {
    System.out.println("Worker: " + number);
  }

  public static void main(String[] args) {
    for (int i = 0; i < 5; i++) {
      int number = i;
      Thread thread = new Thread(() -> worker(number));
      thread.start();
    }
  }
}
