package multiprocessing.internal.launch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * Makes the {@link AotCache} in the background: a hidden child runs {@link AotTraining} and leaves
 * the cache behind when it ends. It yields to everything else on the machine, starts only after the
 * first real child, is alone among all processes of this user, and is killed when this process
 * ends.
 */
final class AotMaker implements Runnable {
  private static final int NICE = 19;
  private static final long DELAY_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long KEPT_MILLIS = TimeUnit.DAYS.toMillis(60);
  private static final String NOWHERE = "/dev/null";

  private final AotCache cache;
  private final Child first;

  private AotMaker(AotCache cache, Child first) {
    this.cache = cache;
    this.first = first;
  }

  static void start(AotCache cache, Child first) {
    Thread thread = new Thread(new AotMaker(cache, first), "multiprocessing-aot");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void run() {
    try {
      first.join(DELAY_NANOS); // it would only compete with what everybody is waiting for
      makeAlone();
    } catch (IOException | RuntimeException e) {
      Log.debug("no AOT cache was made: " + e);
    } catch (InterruptedException e) {
      // not wanted any more
    }
  }

  private void makeAlone() throws IOException, InterruptedException {
    Path file = cache.file();
    Path lockFile = file.resolveSibling("lock");
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel)) {
      if (lock == null || Files.exists(file) || cache.isHopeless()) {
        return;
      }
      sweep(file.resolveSibling("."));
      Path draft = file.resolveSibling(file.getFileName() + ".tmp");
      int code = train(draft);
      if (code == 0 && Files.exists(draft) && Files.size(draft) > 0) {
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        Log.debug("made the AOT cache " + file);
      } else {
        Files.deleteIfExists(draft);
        Log.debug("no AOT cache was made: its maker ended with " + code);
      }
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    return channel.tryLock();
  }

  /** Removes what killed makers left, and caches of builds that are long gone. */
  private static void sweep(Path folder) throws IOException {
    long old = System.currentTimeMillis() - KEPT_MILLIS;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path each : files) {
        String name = each.toString();
        boolean draft = name.endsWith(".tmp") || name.endsWith(".tmp.config");
        if (draft || (!name.endsWith("lock") && each.toFile().lastModified() < old)) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  private static int train(Path draft) throws InterruptedException {
    Session session = Session.get();
    Runnable task = AotTraining.task();
    LaunchRequest request =
        new LaunchRequest(new Session.Birth("AotMaker", "", true, null), session.authKey(), task)
            .hidden()
            .nice(NICE)
            .stdout(NOWHERE, false)
            .stderr(NOWHERE, false);
    Child maker = new SpawnLauncher().launchTraining(request, draft);
    maker.join();
    return maker.exitCode().orElseThrow();
  }
}
