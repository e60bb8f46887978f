import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import multiprocessing.Multiprocessing;
import multiprocessing.pool.ProcessPool;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;

/** Uses classes of its own in children, in each of the ways by which they get there. */
class Tour {
  /** An element, an item and a result. */
  record Point(int x, int y) implements Serializable {}

  /** A class that only a child loads. */
  static class Lazy {
    static Point mirror(Point point) {
      return new Point(point.y(), point.x());
    }
  }

  /** A child of its own class. */
  static class Adder extends ChildProcess {
    private final ProcessQueue<Object> results;
    private final Point point;

    Adder(ProcessQueue<Object> results, Point point) {
      this.results = results;
      this.point = point;
    }

    @Override
    protected void run() throws Exception {
      results.put(point.x() + point.y());
    }
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("block")) {
      block(arguments[1]);
      return;
    }
    for (String method : arguments) {
      Multiprocessing.setStartMethod(StartMethod.valueOf(method), true);
      System.out.println(
          method + " " + lambda() + " " + subclass() + " " + elements() + " " + pool());
      System.out.println(method + " " + grandchild() + " " + threads());
      if (!method.equals("FORK")) {
        System.out.println(method + " " + loader() + " " + resource());
      }
    }
  }

  /** The name of the loader that a child's own threads look classes up with. */
  static Object loader() throws Exception {
    ProcessQueue<Object> results = Multiprocessing.queue();
    end(
        Multiprocessing.process(
            () -> results.put(Thread.currentThread().getContextClassLoader().getName())));
    return results.take();
  }

  static Object resource() throws Exception {
    ProcessQueue<Object> results = Multiprocessing.queue();
    end(
        Multiprocessing.process(
            () -> {
              String name = Lazy.class.getName().replace('.', '/') + ".class";
              try (InputStream bytes = Lazy.class.getClassLoader().getResourceAsStream(name)) {
                results.put(bytes.read() == 0xca);
              }
            }));
    return results.take();
  }

  /** A child that asks for a class which its parent never finds. */
  static void block(String folder) throws Exception {
    Multiprocessing.setStartMethod(StartMethod.SPAWN, true);
    end(
        Multiprocessing.process(
            () -> {
              Files.createFile(Path.of(folder, "pid-" + ProcessHandle.current().pid()));
              Lazy.mirror(new Point(1, 2));
            }));
  }

  /** A lambda that captures an object, and loads a class more. */
  static Object lambda() throws Exception {
    ProcessQueue<Object> results = Multiprocessing.queue();
    Point point = new Point(1, 2);
    end(Multiprocessing.process(() -> results.put(Lazy.mirror(point))));
    return results.take();
  }

  static Object subclass() throws Exception {
    ProcessQueue<Object> results = Multiprocessing.queue();
    end(new Adder(results, new Point(3, 4)));
    return results.take();
  }

  /** Elements that the child takes, for a task that has nothing of the program but its lambda. */
  static Object elements() throws Exception {
    ProcessQueue<Point> there = Multiprocessing.queue();
    ProcessQueue<Object> back = Multiprocessing.queue();
    ChildProcess child = Multiprocessing.process(() -> back.put(there.take().x()));
    child.start();
    there.put(new Point(5, 6));
    child.join();
    return back.take();
  }

  static Object pool() throws Exception {
    try (ProcessPool pool = Multiprocessing.pool(2)) {
      return pool.map(Lazy::mirror, List.of(new Point(7, 8), new Point(9, 10)));
    }
  }

  /** Classes go through a process that has asked for them itself. */
  static Object grandchild() throws Exception {
    ProcessQueue<Object> results = Multiprocessing.queue();
    Point point = new Point(11, 12);
    end(
        Multiprocessing.process(
            () -> {
              try (ProcessPool below = Multiprocessing.pool(1)) {
                results.put(below.map(Lazy::mirror, List.of(point)).getFirst());
              }
            }));
    return results.take();
  }

  /** In a thread that knows no loader but that of the class path. */
  static Object threads() throws Exception {
    Object[] result = new Object[1];
    Thread thread =
        new Thread(
            () -> {
              try (ProcessPool pool = Multiprocessing.pool(1)) {
                result[0] = pool.apply(() -> Lazy.mirror(new Point(13, 14)));
              } catch (Exception e) {
                result[0] = e;
              }
            });
    thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
    thread.start();
    thread.join();
    return result[0];
  }

  static void end(ChildProcess child) throws InterruptedException {
    child.start();
    child.join();
    if (child.exitCode().orElseThrow() != 0) {
      throw new IllegalStateException(child.toString());
    }
  }
}
