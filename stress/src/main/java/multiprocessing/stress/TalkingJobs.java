package multiprocessing.stress;

import static multiprocessing.stress.Job.require;
import static multiprocessing.stress.ProcessJobs.end;
import static multiprocessing.stress.ProcessJobs.start;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import multiprocessing.connection.Address;
import multiprocessing.connection.Client;
import multiprocessing.connection.Connection;
import multiprocessing.connection.Listener;
import multiprocessing.connection.Pipe;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.manager.ManagedLock;
import multiprocessing.manager.ManagedMap;
import multiprocessing.manager.Manager;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;

/** Processes that talk by connections and through managers, of which some are killed. */
final class TalkingJobs {
  private static final int ENTRIES = 30;

  private TalkingJobs() {}

  /** What goes through a pipe comes back whole, until the other end is killed: then it says so. */
  static void pipe(StartMethod method, Random random) throws Exception {
    try (Pipe pipe = Pipe.open()) {
      Connection there = pipe.second();
      ChildProcess child = start(method, () -> echo(there));
      there.close();
      Connection here = pipe.first();
      for (int left = random.nextInt(20); left > 0; left--) {
        byte[] message = new byte[random.nextInt(random.nextInt(10) == 0 ? 300_000 : 300)];
        random.nextBytes(message);
        here.sendBytes(message);
        require(Arrays.equals(message, here.recvBytes()), "other bytes of", message.length);
      }
      child.kill();
      try {
        while (true) {
          here.sendBytes(new byte[10]);
          byte[] _ = here.recvBytes();
        }
      } catch (IOException e) {
        // nobody is there any more
      }
      int code = end(child);
      require(code == -9, "exit code", code);
    }
  }

  private static void echo(Connection connection) throws Exception {
    try {
      while (true) {
        connection.sendBytes(connection.recvBytes());
      }
    } catch (EOFException e) {
      // that was all
    }
  }

  /** Children connect to a listener, of which one is killed at any moment. */
  static void listener(StartMethod method, Random random) throws Exception {
    try (Listener listener = Listener.open()) {
      Address address = listener.address();
      ChildProcess doomed = start(method, () -> callForEver(address));
      List<ChildProcess> children = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int number = i;
        children.add(
            start(
                method,
                () -> {
                  try (Connection connection = Client.connect(address)) {
                    connection.send(number);
                    require(Integer.valueOf(number + 1).equals(connection.recv()), "no answer");
                  }
                }));
      }
      long killAt = System.nanoTime() + random.nextInt(100_000_000);
      for (int served = 0; served < children.size(); ) {
        if (System.nanoTime() > killAt) {
          doomed.kill();
        }
        served += serve(listener);
      }
      doomed.kill();
      int code = end(doomed);
      require(code == -9, "exit code", code);
      for (ChildProcess child : children) {
        require(end(child) == 0, "a client failed");
      }
    }
  }

  /** Serves one client; gives 1 if it was one that says a number and waits for the next. */
  private static int serve(Listener listener) throws InterruptedException {
    try (Connection connection = listener.accept()) {
      if (connection.recv() instanceof Integer number && number >= 0) {
        connection.send(number + 1);
        return 1;
      }
    } catch (IOException e) {
      // the doomed one, amid a handshake
    }
    return 0;
  }

  private static void callForEver(Address address) throws Exception {
    while (true) {
      try (Connection connection = Client.connect(address)) {
        connection.send(-1);
      }
    }
  }

  /** What clients put into a map of a manager is there, and a lock of a dead one is free again. */
  static void manager(StartMethod method, Random random) throws Exception {
    try (Manager manager = Manager.builder().startMethod(method).start()) {
      ManagedMap<String, Integer> map = manager.map();
      ManagedLock lock = manager.lock();
      List<ChildProcess> children = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int number = i;
        children.add(start(method, () -> fill(map, lock, number)));
      }
      TimeUnit.MICROSECONDS.sleep(random.nextInt(300_000));
      children.getFirst().kill();
      for (ChildProcess child : children) {
        int code = end(child);
        require(code == 0 || child == children.getFirst(), "exit code", code);
      }
      for (int i = 0; i < ENTRIES; i++) {
        require(
            Integer.valueOf(i).equals(map.get("1 " + i)), "entry", i, "of the survivor is lost");
      }
      insist(lock);
      lock.unlock();
    }
  }

  private static void fill(ManagedMap<String, Integer> map, ManagedLock lock, int number) {
    for (int i = 0; i < ENTRIES; i++) {
      insist(lock);
      try {
        map.put(number + " " + i, i);
      } finally {
        lock.unlock();
      }
    }
  }

  private static void insist(ManagedLock lock) {
    try {
      lock.lock();
    } catch (OwnerDiedException e) {
      lock.recover(); // whoever died with it
    }
  }
}
