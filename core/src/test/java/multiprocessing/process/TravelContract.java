package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import multiprocessing.error.SerializationException;
import multiprocessing.testing.Children;
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
}
