import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import multiprocessing.connection.Address;
import multiprocessing.connection.Connection;
import multiprocessing.connection.Listener;
import org.jspecify.annotations.NullMarked;

/**
 * python-peer: a Python program answers the questions of a Java program, by byte messages.
 *
 * <p>{@code PythonPeer [WORD…]} asks which words of Python are meant by misspelt ones, for which
 * Python has a module and the JDK has none. Both ends are a {@code multiprocessing.connection}:
 * each proves to the other that it has the secret, and what is sent is bytes; objects would be
 * Java's or Python's own. Needs {@code python3}.
 */
@NullMarked
public final class PythonPeer {
  private static final String KEY = "PEER_KEY";

  private static final String PYTHON =
      """
      import difflib, keyword, os, sys
      from multiprocessing.connection import Client

      address = ('localhost', int(sys.argv[1]))
      with Client(address, authkey=os.environ['PEER_KEY'].encode()) as connection:
          while word := connection.recv_bytes().decode():
              found = difflib.get_close_matches(word, keyword.kwlist, n=1)
              connection.send_bytes((found[0] if found else 'nothing').encode())
      """;

  private PythonPeer() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> words =
        args.length > 0 ? List.of(args) : List.of("retrun", "wihle", "lamda", "goto");
    String key = UUID.randomUUID().toString();
    try (Listener listener =
        Listener.open(Address.tcp("localhost", 0), key.getBytes(StandardCharsets.UTF_8))) {
      Process python = startPython(listener.address(), key);
      // A peer that ends before it has connected must not leave this program waiting.
      var _ = python.onExit().thenRun(listener::close);
      try (Connection connection = listener.accept()) {
        for (String word : words) {
          connection.sendBytes(word.getBytes(StandardCharsets.UTF_8));
          String answer = new String(connection.recvBytes(), StandardCharsets.UTF_8);
          System.out.println("Java says " + word + ", Python says " + answer);
        }
        connection.sendBytes(new byte[0]); // no more questions
      }
      System.out.println("Python ended with " + python.waitFor());
    }
  }

  private static Process startPython(Address address, String key) throws IOException {
    ProcessBuilder python =
        new ProcessBuilder("python3", "-c", PYTHON, Integer.toString(address.port()));
    python.environment().put(KEY, key);
    return python.inheritIO().start();
  }
}
