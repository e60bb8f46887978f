import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;
import multiprocessing.Multiprocessing;
import multiprocessing.pool.ProcessPool;
import org.jspecify.annotations.NullMarked;

/**
 * hash-files: the SHA-256 of every file below a folder, as sha256sum prints it.
 *
 * <p>{@code HashFiles [FOLDER]}. The files are found while the first are hashed already: {@code
 * imapUnordered} takes from the input only so much that the workers are busy, and gives each result
 * when it is there.
 */
@NullMarked
public final class HashFiles {
  private HashFiles() {}

  /** A file's hash, or why there is none. */
  record Hash(String file, String hash, String trouble, long bytes) implements Serializable {}

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args.length > 0 ? args[0] : ".");
    long files = 0;
    long bytes = 0;
    long start = System.nanoTime();
    try (ProcessPool pool = Multiprocessing.pool();
        Stream<Path> found = Files.walk(folder);
        Stream<Hash> hashes =
            pool.imapUnordered(
                HashFiles::hash, found.filter(Files::isRegularFile).map(Path::toString))) {
      for (Hash hash : (Iterable<Hash>) hashes::iterator) {
        if (hash.trouble().isEmpty()) {
          System.out.println(hash.hash() + "  " + hash.file());
        } else {
          System.err.println(hash.file() + ": " + hash.trouble());
        }
        files++;
        bytes += hash.bytes();
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.err.printf("%,d files, %,d bytes, %.1f s%n", files, bytes, seconds);
  }

  private static Hash hash(String file) throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] buffer = new byte[1 << 16];
    long bytes = 0;
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
        bytes += count;
      }
    } catch (IOException e) {
      return new Hash(file, "", e.toString(), bytes);
    }
    return new Hash(file, HexFormat.of().formatHex(digest.digest()), "", bytes);
  }
}
