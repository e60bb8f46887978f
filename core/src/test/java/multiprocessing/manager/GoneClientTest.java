package multiprocessing.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import multiprocessing.connection.Listener;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client dies while the server has its last call in hand, which it comes to only when it has
 * given to others what the client held.
 */
@ProcessTest
@Deadline(seconds = 20)
@SuppressWarnings("LockNotBeforeTry") // single steps are what is tested
class GoneClientTest {
  private Listener listener;
  private Caller.Client dead;
  private Caller.Client living;

  @BeforeEach
  void haveTwoClients() throws Exception {
    listener = Listener.open();
    Server server = new Server(listener, false, null, StartMethod.SPAWN);
    dead = new Caller.Client(server, "dead", 11);
    living = new Caller.Client(server, "living", 12);
  }

  @AfterEach
  void leave() {
    Caller.set(null);
    listener.close();
  }

  private static void as(Caller.Client client) {
    Caller.set(new Caller(client, 1));
  }

  private void die(Served held) {
    dead.go();
    held.clientGone(dead);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatItDoesToALockIsVoid(boolean isReentrant) {
    ServedLock lock = new ServedLock(isReentrant);
    as(dead);
    lock.lock();
    die(lock);
    as(living);
    assertThrows(OwnerDiedException.class, lock::lock);
    as(dead);
    assertThrows(IllegalStateException.class, lock::unlock);
    assertThrows(IllegalStateException.class, lock::recover);
    as(living);
    assertTrue(lock.isLocked());
    lock.recover();
    lock.unlock();
  }

  @Test
  void whatItDoesToASemaphoreIsVoid() throws InterruptedException {
    ServedSemaphore semaphore = new ServedSemaphore(1, false);
    as(dead);
    semaphore.acquire();
    die(semaphore);
    assertEquals(1, semaphore.availablePermits());
    assertThrows(IllegalStateException.class, semaphore::release);
    assertEquals(1, semaphore.availablePermits());
  }
}
