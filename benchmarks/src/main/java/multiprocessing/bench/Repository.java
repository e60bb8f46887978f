package multiprocessing.bench;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where the sources lie that this program was made of. */
final class Repository {
  private Repository() {}

  /** The folder above this program, else above the current one, that has the launcher script. */
  static Path root() throws IOException {
    for (Path from : List.of(home(), Path.of("").toAbsolutePath())) {
      for (Path folder = from; folder != null; folder = folder.getParent()) {
        if (Files.isExecutable(folder.resolve("mp")) && Files.exists(folder.resolve("pom.xml"))) {
          return folder;
        }
      }
    }
    throw new IOException("this is not run inside the repository");
  }

  private static Path home() {
    try {
      return Path.of(Repository.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
