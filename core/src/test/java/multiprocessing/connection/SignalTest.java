package multiprocessing.connection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.ProcessOptions;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signals that a process handles reach its threads in the midst of system calls. */
@ProcessTest
final class SignalTest {
  private static final int LARGE = 4 << 20;

  /** Sends SIGQUIT, by which a virtual machine tells its threads, to each thread of a process. */
  private static final String SIGNALS =
      """
      import ctypes, os, platform, sys
      libc, pid = ctypes.CDLL(None), int(sys.argv[1])
      call = 234 if platform.machine() == 'x86_64' else 131
      for _ in range(3):
          for tid in os.listdir('/proc/%d/task' % pid):
              libc.syscall(call, pid, int(tid), 3)
      print('sent')
      """;

  @TempDir private Path folder;

  private ChildProcess start(SerializableRunnable task) {
    ProcessOptions quiet =
        ProcessOptions.builder()
            .stdout(ProcessBuilder.Redirect.to(folder.resolve("dumps").toFile()))
            .build();
    return ChildProcess.builder()
        .startMethod(StartMethod.SPAWN)
        .options(quiet)
        .target(task)
        .start();
  }

  private static void signal(ChildProcess child) throws Exception {
    try (Python python = Python.start(SIGNALS, Long.toString(child.pid().getAsLong()))) {
      assertEquals("sent", python.line());
      python.requireSuccess();
    }
  }

  @Test
  @Proves({203, 204})
  void receivingSendingAndAcceptingGoOnAfterASignal() throws Exception {
    Pipe pipe = Pipe.open();
    Connection there = pipe.second();
    Listener listener = Listener.open();
    ChildProcess child =
        start(
            () -> {
              there.send("ready");
              there.send(there.recv());
              there.sendBytes(new byte[LARGE]);
              try (Connection accepted = listener.accept()) {
                accepted.send("accepted");
              }
            });
    there.close();
    Address address = listener.address();
    try (Connection here = pipe.first()) {
      assertEquals("ready", here.recv());
      signal(child);
      here.send("in the midst of recv");
      assertEquals("in the midst of recv", here.recv());
      boolean _ = here.poll(Duration.ofSeconds(30));
      signal(child); // it sends more than the socket holds
      assertArrayEquals(new byte[LARGE], here.recvBytes());
      listener.close();
      signal(child);
      try (Connection client = Client.connect(address)) {
        assertEquals("accepted", client.recv());
      }
      Children.joinAll(child);
    }
  }
}
