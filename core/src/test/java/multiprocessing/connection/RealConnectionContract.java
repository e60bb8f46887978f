package multiprocessing.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import org.junit.jupiter.api.Test;

/** What connections do when a process of the system dies that has an end of them. */
abstract class RealConnectionContract extends ConnectionContract {
  RealConnectionContract(StartMethod method) {
    super(method);
  }

  @Test
  void theDeathOfAPeerIsNoticedAtOnce() throws Exception {
    Pipe pipe = Pipe.open();
    Connection there = pipe.second();
    ChildProcess child =
        start(
            () -> {
              there.send("up");
              Thread.sleep(Long.MAX_VALUE);
            });
    there.close();
    try (Connection connection = pipe.first()) {
      assertEquals("up", connection.recv());
      Thread killer = Thread.ofPlatform().start(child::kill);
      assertThrows(EOFException.class, () -> connection.recv());
      killer.join();
      assertThrows(
          IOException.class,
          () -> {
            while (true) {
              connection.send("nobody hears this");
            }
          });
    }
    assertEquals(Children.KILLED, Children.exitCode(child));
  }

  @Test
  void anEndTakenByAKilledChildIsClosed() throws Exception {
    Pipe pipe = Pipe.open();
    Connection there = pipe.second();
    ChildProcess child =
        start(
            () -> {
              there.send("never");
              Thread.sleep(Long.MAX_VALUE);
            });
    there.close();
    child.kill(); // most likely before it comes to its task
    try (Connection here = pipe.first()) {
      assertThrows(
          EOFException.class,
          () -> {
            while (true) {
              assertEquals("never", here.recv());
            }
          });
    }
    assertNotEquals(0, Children.exitCode(child));
  }
}
