package multiprocessing.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Libraries of other languages, fetched by their own package managers when they are first measured.
 * They go into a folder below {@code benchmarks/target}: nothing is installed into the system.
 */
final class Packages {
  private static final String WORKERPOOL = "workerpool@10.0.3";
  private static final String JOBLIB = "python3-joblib";

  /** Fetches into an empty folder; false if that did not work. */
  private interface Fetch {
    boolean into(Path folder) throws IOException;
  }

  private Packages() {}

  /** The folder for {@code PYTHONPATH}, out of a Debian package; empty if it cannot be had. */
  static Optional<Path> joblib() {
    return fetched("joblib", Packages::unpackDebian)
        .map(folder -> folder.resolve("usr/lib/python3/dist-packages"));
  }

  static String joblibRemedy() {
    return "`apt-get download " + JOBLIB + "` did not work; after `apt-get update` it may";
  }

  /** The folder for {@code NODE_PATH}; empty if it cannot be had. */
  static Optional<Path> workerpool() {
    return fetched(
            "npm",
            folder ->
                Shell.outputIn(
                        folder,
                        "npm",
                        "install",
                        "--no-audit",
                        "--no-fund",
                        "--ignore-scripts",
                        "--prefix",
                        folder.toString(),
                        WORKERPOOL)
                    .isPresent())
        .map(folder -> folder.resolve("node_modules"));
  }

  static String workerpoolRemedy() {
    return "`npm install " + WORKERPOOL + "` did not work";
  }

  private static boolean unpackDebian(Path folder) throws IOException {
    if (Shell.outputIn(folder, "apt-get", "download", JOBLIB).isEmpty()) {
      return false;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.deb")) {
      for (Path file : files) {
        if (Shell.output("dpkg-deb", "-x", file.toString(), folder.toString()).isEmpty()) {
          return false;
        }
      }
    }
    return true;
  }

  /** The folder of that name, fetched if it is not there; it appears only when it is whole. */
  private static Optional<Path> fetched(String name, Fetch fetch) {
    try {
      Path peers = Repository.root().resolve("benchmarks/target/peers");
      Path folder = peers.resolve(name);
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(peers);
        Path fresh = Files.createTempDirectory(peers, name);
        if (!fetch.into(fresh)) {
          Folders.delete(fresh);
          return Optional.empty();
        }
        Files.move(fresh, folder);
      }
      return Optional.of(folder);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
