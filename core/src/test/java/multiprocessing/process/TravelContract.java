package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Externalizable;
import java.io.File;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectInputStream;
import java.io.ObjectOutput;
import java.io.Serializable;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import multiprocessing.error.SerializationException;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** What becomes of a task that is sent to a child, where it is sent. */
abstract class TravelContract extends ChildTests {
  TravelContract(StartMethod method) {
    super(method);
  }

  @Test
  void aTaskThatCannotTravelFailsAtTheStart() {
    Thread culprit = new Thread();
    ChildProcess child = child(() -> Objects.requireNonNull(culprit)).build();
    SerializationException thrown = assertThrows(SerializationException.class, child::start);
    assertTrue(
        String.valueOf(thrown.getMessage()).contains("java.lang.Thread"), thrown.getMessage());
    assertFalse(child.isAlive());
    child.close();
  }

  private static final class Poison implements Serializable {
    private void readObject(ObjectInputStream in) {
      throw new IllegalArgumentException("poisoned");
    }
  }

  @Test
  void aTaskThatCannotBeReadIsAnUncaughtThrowable() throws Exception {
    Path errors = folder.resolve("errors");
    Poison poison = new Poison();
    ChildProcess child =
        child(() -> Objects.requireNonNull(poison))
            .name("victim")
            .options(ProcessOptions.builder().stderr(Redirect.to(errors.toFile())).build())
            .start();
    assertEquals(1, Children.exitCode(child));
    String text = Files.readString(errors);
    assertTrue(text.startsWith("Process victim:"), text);
    assertTrue(text.contains("poisoned"), text);
  }

  @SuppressWarnings("UnusedVariable") // its making is what counts
  private static final class Bomb {
    static { // each process that initializes this class would start another one
      String method = System.getProperty("mp.test.bomb");
      if (method != null) {
        ChildProcess.builder().startMethod(StartMethod.valueOf(method)).target(() -> {}).start();
      }
    }

    static SerializableRunnable task() {
      return () -> Objects.requireNonNull(Bomb.class);
    }

    private Bomb() {}
  }

  @Test
  @Proves(200)
  void aStaticInitializerStartsNoChainOfChildren() throws Exception {
    SerializableRunnable task = Bomb.task();
    StartMethod inner = method;
    // The property is set before the class of the task is initialized in the child.
    ChildProcess.Builder child = child(new Fuse(inner.name(), task));
    String errors = errorsOf(child, 1);
    assertTrue(errors.contains("static initializer"), errors);
  }

  /** Sets a property while it is read, and reads a task after it. */
  private static final class Fuse implements SerializableRunnable {
    private final String method;
    private final SerializableRunnable task;

    Fuse(String method, SerializableRunnable task) {
      this.method = method;
      this.task = task;
    }

    private Object writeReplace() {
      return new Spark(method, task);
    }

    @Override
    public void runChecked() {
      task.run();
    }
  }

  private static final class Spark implements Externalizable {
    private String method = "";
    private SerializableRunnable task = () -> {};

    @SuppressWarnings({"unused", "EffectivelyPrivate"}) // as Externalizable wants it
    public Spark() {}

    Spark(String method, SerializableRunnable task) {
      this.method = method;
      this.task = task;
    }

    @Override
    public void writeExternal(ObjectOutput out) throws IOException {
      out.writeUTF(method);
      out.writeObject(task);
    }

    @Override
    public void readExternal(ObjectInput in) throws IOException, ClassNotFoundException {
      System.setProperty("mp.test.bomb", in.readUTF());
      task = (SerializableRunnable) in.readObject();
    }

    private Object readResolve() {
      return task;
    }
  }

  @Test
  @Proves(22)
  void eachChildHasTheSameNumberOfDescriptors() throws Exception {
    assertEquals(0, run(() -> {}));
    Set<String> counts = new TreeSet<>();
    List<ChildProcess> siblings = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      counts.add(
          ask(
              () -> {
                String[] open = new File("/proc/self/fd").list();
                return "" + Objects.requireNonNull(open).length;
              }));
      siblings.add(sleeper());
    }
    for (ChildProcess sibling : siblings) {
      Children.kill(sibling);
    }
    assertEquals(1, counts.size(), counts.toString());
  }
}
