package multiprocessing.internal.serial;

import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectInputStream;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.AbstractQueue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.NullUnmarked;

/** Classes whose objects travel in the tests. */
@NullUnmarked
@SuppressWarnings("serial")
final class Samples {
  interface Task extends Runnable, Serializable {}

  interface Job<R> extends Callable<R>, Serializable {}

  interface Fn<T, R> extends Function<T, R>, Serializable {}

  interface Source<T> extends Supplier<T>, Serializable {}

  enum Color {
    RED,
    GREEN {
      @Override
      String shade() {
        return "dark";
      }
    };

    String shade() {
      return "plain";
    }
  }

  record Point(int x, String label, double weight) implements Serializable {}

  record Bare(int x, List<String> names) {}

  record Box<T>(T content) implements Serializable {}

  sealed interface Shape extends Serializable permits Circle, Square {}

  record Circle(double radius) implements Shape {}

  record Square(double side) implements Shape {}

  /** A record whose constructor checks. */
  record Range(int low, int high) implements Serializable {
    Range {
      if (low > high) {
        throw new IllegalArgumentException("low > high");
      }
    }
  }

  static class Node implements Serializable {
    Node next;
    Object load;
  }

  static class Plain {
    int a = 1;
    String b = "b";
    List<Integer> c = new ArrayList<>(List.of(1, 2, 3));

    @Override
    public boolean equals(Object o) {
      return o instanceof Plain p && p.a == a && p.b.equals(b) && p.c.equals(c);
    }

    @Override
    public int hashCode() {
      return Objects.hash(a, b, c);
    }
  }

  /** Not serializable, but extended by a class that is. */
  static class Base {
    int inherited = 1;
  }

  static class Derived extends Base implements Serializable {
    int own = 2;
  }

  static class WithTransient implements Serializable {
    int kept = 1;
    transient String dropped = "initial";

    static int constructed;

    WithTransient() {
      constructed++;
    }
  }

  static class Hooked implements Serializable {
    transient int secret;
    int written;

    Hooked(int secret) {
      this.secret = secret;
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
      out.defaultWriteObject();
      out.writeInt(secret);
      out.writeObject("extra");
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      secret = in.readInt();
      if (!in.readObject().equals("extra")) {
        throw new IOException("extra");
      }
    }
  }

  static class External implements Externalizable {
    String text = "";

    public External() {}

    @Override
    public void writeExternal(ObjectOutput out) throws IOException {
      out.writeUTF(text);
    }

    @Override
    public void readExternal(ObjectInput in) throws IOException {
      text = in.readUTF();
    }
  }

  static final class Single implements Serializable {
    static final Single INSTANCE = new Single();

    private Object readResolve() {
      return INSTANCE;
    }
  }

  /** A shared object as the library has them: it travels as a handle. */
  static class Shared implements Serializable {
    final transient Object memory = new Object();
    final int id;

    Shared(int id) {
      this.id = id;
    }

    private Object writeReplace() {
      return new Handle(id);
    }

    private void readObject(ObjectInputStream in) throws IOException {
      throw new java.io.InvalidObjectException("no handle");
    }

    record Handle(int id) implements Serializable {
      private Object readResolve() {
        return new Shared(id);
      }
    }
  }

  /** A subclass inherits the handle if {@code writeReplace} is visible to it. */
  static class SharedBase implements Serializable {
    final int id;
    final transient Thread watcher = new Thread();

    SharedBase(int id) {
      this.id = id;
    }

    protected Object writeReplace() {
      return new SharedHandle(id);
    }
  }

  static class SharedLeaf extends SharedBase {
    SharedLeaf(int id) {
      super(id);
    }
  }

  record SharedHandle(int id) implements Serializable {
    private Object readResolve() {
      return new SharedLeaf(id);
    }
  }

  /** A shared queue: to a serializer it looks like a collection. */
  static final class SharedQueue<E> extends AbstractQueue<E>
      implements BlockingQueue<E>, Serializable {
    final int id;
    final transient Thread feeder = new Thread();

    SharedQueue(int id) {
      this.id = id;
    }

    private Object writeReplace() {
      return new QueueHandle(id);
    }

    @Override
    public void put(E e) {}

    @Override
    public boolean offer(E e, long timeout, TimeUnit unit) {
      return false;
    }

    @Override
    public E take() {
      return null;
    }

    @Override
    public E poll(long timeout, TimeUnit unit) {
      return null;
    }

    @Override
    public int remainingCapacity() {
      return 0;
    }

    @Override
    public int drainTo(Collection<? super E> c) {
      throw new AssertionError("drained");
    }

    @Override
    public int drainTo(Collection<? super E> c, int maxElements) {
      throw new AssertionError("drained");
    }

    @Override
    public boolean offer(E e) {
      return false;
    }

    @Override
    public E poll() {
      return null;
    }

    @Override
    public E peek() {
      return null;
    }

    @Override
    public Iterator<E> iterator() {
      return Collections.emptyIterator();
    }

    @Override
    public int size() {
      return 0;
    }
  }

  record QueueHandle(int id) implements Serializable {
    private Object readResolve() {
      return new SharedQueue<Object>(id);
    }
  }

  private Samples() {}
}
