package multiprocessing.internal.serial;

import java.io.Serial;
import java.io.Serializable;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Path;

/**
 * What a {@link Path} travels as: paths are not serializable, yet people put them into everything.
 */
final class StandIn implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  final String path;
  final boolean foreign;

  /**
   * A stand-in.
   *
   * @param path the path as it is written in the default file system, or the URI that it has in
   *     another
   * @param foreign whether it is a URI
   */
  StandIn(String path, boolean foreign) {
    this.path = path;
    this.foreign = foreign;
  }

  static StandIn of(Path path) {
    return path.getFileSystem() == FileSystems.getDefault()
        ? new StandIn(path.toString(), false)
        : new StandIn(path.toUri().toString(), true);
  }

  @Serial
  Object readResolve() {
    return foreign ? Path.of(URI.create(path)) : Path.of(path);
  }
}
