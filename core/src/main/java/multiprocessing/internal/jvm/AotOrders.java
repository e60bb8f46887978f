package multiprocessing.internal.jvm;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.PidFd;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.os.Spawner;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.wire.Reader;
import multiprocessing.internal.wire.Writer;

/**
 * What is told to the process that makes an {@link AotCache}.
 *
 * @param file the cache
 * @param bad where failures are counted
 * @param listing where a child notes down the classes that it uses; empty if none does
 * @param home the class in which the task of that child is written; empty where there is no listing
 * @param urgent whether somebody waits for it
 * @param options those of a child, and its path
 * @param main the main class of a child, and its argument
 */
public record AotOrders(
    Path file,
    Path bad,
    String listing,
    String home,
    boolean urgent,
    List<String> options,
    List<String> main) {
  private static final int NICE = 19;
  private static final long REAP_MILLIS = 100;
  private static final Spawner.Output NOWHERE = new Spawner.Output("/dev/null", false);

  /** Where that process finds them. */
  private static final String PLACE = "/proc/self/fd/3";

  private byte[] toBytes() {
    Writer writer = new Writer().text(file.toString()).text(bad.toString()).text(listing);
    writer.text(home).flag(urgent);
    for (List<String> words : List.of(options, main)) {
      writer.number(words.size());
      words.forEach(writer::text);
    }
    return writer.toBytes();
  }

  /** Reads them in the process that they are for. */
  public static AotOrders read() throws IOException {
    try (FileInputStream told = new FileInputStream(PLACE)) {
      Reader reader = new Reader(told.readAllBytes());
      Path file = Path.of(reader.text());
      Path bad = Path.of(reader.text());
      String listing = reader.text();
      String home = reader.text();
      boolean urgent = reader.flag();
      return new AotOrders(file, bad, listing, home, urgent, words(reader), words(reader));
    }
  }

  private static List<String> words(Reader reader) {
    List<String> words = new ArrayList<>();
    for (long left = reader.number(); left > 0; left--) {
      words.add(reader.text());
    }
    return words;
  }

  /**
   * Has the cache made, and does not wait for it.
   *
   * @param maker the main class of the process that makes it
   */
  void start(Class<?> maker) {
    Thread thread =
        new Thread(
            () -> {
              try {
                reap(spawn(maker));
              } catch (RuntimeException e) {
                Log.debug("no AOT cache is made: " + e);
              } catch (InterruptedException e) {
                // the maker goes on alone
              }
            },
            "multiprocessing-aot");
    thread.setDaemon(true);
    thread.start();
  }

  private long spawn(Class<?> maker) {
    List<String> command = new ArrayList<>();
    command.add(JvmCommand.java());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--class-path");
    command.add(String.join(":", JvmCommand.libraryPath()));
    command.add(maker.getName());
    List<byte[]> environment = new ArrayList<>();
    for (Map.Entry<String, String> each : System.getenv().entrySet()) {
      if (!LauncherArguments.isVariable(each.getKey())) {
        String entry = each.getKey() + "=" + each.getValue();
        environment.add(entry.getBytes(StandardCharsets.UTF_8));
      }
    }
    int told = Descriptors.memoryFile("multiprocessing-aot", toBytes());
    try {
      Spawner spawner =
          new Spawner(command.getFirst(), command, environment)
              .give(told)
              .directory("/")
              .stdout(NOWHERE)
              .stderr(NOWHERE);
      long pid = spawner.spawn();
      if (!urgent) {
        ProcessControl.setGroupNice(pid, NICE);
      }
      return pid;
    } finally {
      Descriptors.close(told);
    }
  }

  /** By looking now and then: a thread that waits in the kernel would hold up the exit. */
  private static void reap(long pid) throws InterruptedException {
    int pidfd = PidFd.open(pid);
    try {
      while (PidFd.reap(pidfd) == PidFd.RUNNING) {
        Thread.sleep(REAP_MILLIS);
      }
    } finally {
      Descriptors.close(pidfd);
    }
  }
}
