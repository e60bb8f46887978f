package multiprocessing.internal.shm;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import multiprocessing.internal.os.CrashPoint;
import multiprocessing.internal.os.NamedMemory;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.os.ProcessStat;
import multiprocessing.internal.session.Log;
import org.jspecify.annotations.Nullable;

/**
 * Which process owns which named block, written where every program of this user can read it, so
 * that what the dead have left can be removed.
 */
final class Owners {
  /*
   * A record is a symbolic link in a folder of this user's own beside the blocks:
   *
   *   /dev/shm/.multiprocessing-<uid>/<pid>-<start time>-<pid namespace>-<inode>  ->  hex of the name
   *
   * Why a link: it comes into being with its content by one system call, so there is no half-written
   * record. Why the folder lies there: it shares the fate and the visibility of the blocks (reboot,
   * containers). Its name begins with a dot and holds no memory.
   *
   * A block is made without a name, then recorded, then named by one call that fails if the name is
   * taken. So a named block has its record at every instant, and whoever is killed leaves at most a
   * record without a block, which the sweep takes away. The inode tells the block from a later one of
   * the same name: tmpfs does not give a number again. Pids mean something only in their namespace,
   * so records of another namespace (a container that shares /dev/shm) are left alone.
   *
   * Two sweeps at once, or a sweep and an unlink, find things gone: that is no error. Between the
   * look at the inode and the unlink of the name somebody may replace the block by another one of
   * the same name; nobody does so with the blocks of a dead process but by intent.
   *
   * The folder is made when it is missing and removed when it is empty; who finds it gone in between
   * makes it again.
   */
  private static final Pattern RECORD = Pattern.compile("(\\d+)-(-?\\d+)-(\\d+)-(\\d+)");
  private static final Path PROC = Path.of("/proc/self");
  private static final int OTHERS = 0077;
  private static final int ATTEMPTS = 100;

  private Owners() {}

  /** Says that this process owns a block; where that cannot be written, nobody sweeps the block. */
  static void add(long inode, String name) {
    try {
      Path folder = folder();
      Path record = folder.resolve(own() + "-" + inode);
      Path target = Path.of(HexFormat.of().formatHex(name.getBytes(UTF_8)));
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        try {
          makeFolder(folder);
          if (!isOurs(folder)) {
            Log.warning("shared memory is not recorded: " + folder + " is not this user's alone");
            return;
          }
          Files.createSymbolicLink(record, target);
          return;
        } catch (NoSuchFileException e) {
          // the folder was empty for a moment, and somebody removed it
        } catch (FileAlreadyExistsException e) {
          Files.deleteIfExists(record); // of a block with this inode that a stranger has unlinked
        }
      }
    } catch (IOException e) {
      Log.warning("shared memory is not recorded: " + e);
    }
  }

  private static void makeFolder(Path folder) throws IOException {
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      // somebody else was faster
    }
  }

  /** Takes the record of a block away, whoever owns it. */
  static void remove(long inode) {
    try {
      if (Files.deleteIfExists(folder().resolve(own() + "-" + inode))) {
        removeFolderIfEmpty();
        return;
      }
    } catch (IOException e) {
      Log.debug("a record of shared memory was not removed: " + e);
    }
    forEach(
        entry -> {
          if (entry.inode == inode) {
            delete(entry);
          }
        });
  }

  /** Removes the block that this process owns, if it is there still. */
  static boolean removeOwn(long inode, String name) {
    boolean removed = unlink(inode, name);
    remove(inode);
    return removed;
  }

  /** Removes the blocks of all processes that are dead. */
  static void sweep() {
    forEach(
        entry -> {
          if (entry.isOfTheDead()) {
            sweep(entry);
          }
        });
  }

  /** Removes the blocks of a process that is known to be dead. */
  static void sweep(long pid) {
    String namespace = namespace();
    forEach(
        entry -> {
          if (entry.pid == pid && entry.namespace.equals(namespace) && entry.isOfTheDead()) {
            sweep(entry);
          }
        });
  }

  private static void sweep(Entry entry) {
    String name = entry.name();
    if (name != null && unlink(entry.inode, name)) {
      Log.warning("process " + entry.pid + " died and left shared memory '" + name + "': removed");
    }
    CrashPoint.at("owners.swept");
    delete(entry);
  }

  private static boolean unlink(long inode, String name) {
    if (NamedMemory.inode(name) != inode) {
      return false;
    }
    try {
      NamedMemory.unlink(name);
      return true;
    } catch (OsException e) {
      return false; // somebody else was faster
    }
  }

  private static void delete(Entry entry) {
    try {
      Files.deleteIfExists(entry.path);
      removeFolderIfEmpty();
    } catch (IOException e) {
      Log.debug("a record of shared memory was not removed: " + e);
    }
  }

  private static void removeFolderIfEmpty() throws IOException {
    try {
      Files.deleteIfExists(folder());
    } catch (DirectoryNotEmptyException e) {
      // others have records there
    }
  }

  private record Entry(Path path, long pid, long start, String namespace, long inode) {
    boolean isOfTheDead() {
      if (!namespace.equals(namespace())) {
        return false;
      }
      ProcessStat stat = ProcessStat.of((int) pid);
      boolean isSame = stat.startTime() == ProcessStat.UNKNOWN_TIME || stat.startTime() == start;
      return !stat.isAlive() || !isSame;
    }

    @Nullable String name() {
      try {
        return new String(HexFormat.of().parseHex(Files.readSymbolicLink(path).toString()), UTF_8);
      } catch (IOException | IllegalArgumentException e) {
        return null; // gone, or not written by this library
      }
    }
  }

  private interface Visitor {
    void visit(Entry entry);
  }

  private static void forEach(Visitor visitor) {
    try {
      Path folder = folder();
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) || !isOurs(folder)) {
        return;
      }
      try (DirectoryStream<Path> records = Files.newDirectoryStream(folder)) {
        for (Path path : records) {
          Matcher matcher = RECORD.matcher(path.getFileName().toString());
          if (matcher.matches()) {
            visitor.visit(
                new Entry(
                    path,
                    Long.parseLong(matcher.group(1)),
                    Long.parseLong(matcher.group(2)),
                    matcher.group(3),
                    Long.parseLong(matcher.group(4))));
          }
        }
      }
    } catch (IOException | DirectoryIteratorException | NumberFormatException e) {
      Log.debug("records of shared memory were not read: " + e);
    }
  }

  private static boolean isOurs(Path folder) throws IOException {
    return uid(folder).equals(uid(PROC))
        && ((int) Files.getAttribute(folder, "unix:mode", LinkOption.NOFOLLOW_LINKS) & OTHERS) == 0;
  }

  private static Path folder() throws IOException {
    return Path.of(NamedMemory.FOLDER + ".multiprocessing-" + uid(PROC));
  }

  private static Object uid(Path file) throws IOException {
    return file == PROC
        ? Files.getAttribute(file, "unix:uid")
        : Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  private static String own() {
    return ProcessControl.pid() + "-" + ProcessStat.self().startTime() + "-" + namespace();
  }

  private static String namespace() {
    try {
      return Files.readSymbolicLink(PROC.resolve("ns/pid")).toString().replaceAll("\\D", "");
    } catch (IOException e) {
      return "0"; // /proc does not tell: then it does not tell the others either
    }
  }
}
