package multiprocessing.internal.classes;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.ForkLock;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.session.Finalizers;
import multiprocessing.internal.session.Finalizers.Finalizer;
import multiprocessing.internal.session.ForkHooks;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.wire.FrameSocket;
import multiprocessing.internal.wire.Reader;
import org.jspecify.annotations.Nullable;

/**
 * The parent's side of {@link ServedClasses}: a thread for each child, which answers from the
 * loaders of {@link ProgramLoaders} until the child closes its end. A child that stops in the
 * middle of an answer keeps its own thread waiting, and nobody else.
 */
public final class ClassServer {
  private static final long STACK_BYTES = 512 * 1024;

  /** Held while a loader of the program is at work: a fork in the middle would leave it locked. */
  private static final ForkLock AT_WORK = new ForkLock();

  private static volatile Set<FrameSocket> peers = ConcurrentHashMap.newKeySet();
  private static boolean prepared;

  static {
    ForkHooks.addForgetting(ClassServer::forked);
  }

  private ClassServer() {}

  /** Makes a line to this process; gives the descriptor of its other end, for a child to have. */
  public static synchronized int offer() {
    if (!prepared) {
      prepared = true;
      ForkHooks.add(AT_WORK::lock, AT_WORK::unlock, AT_WORK::unlock);
    }
    int[] ends = UnixSocket.pair();
    FrameSocket peer = new FrameSocket(ends[0]);
    peers.add(peer);
    // A virtual machine that exits while a thread is in native code waits for that a while.
    Finalizer atEnd = Finalizers.add(Finalizers.LAST, () -> UnixSocket.shutdown(peer.descriptor()));
    Thread server =
        new Thread(null, () -> serve(peer, atEnd), "multiprocessing-classes", STACK_BYTES);
    server.setDaemon(true);
    server.start();
    return ends[1];
  }

  /** This process is a fork: the lines are its parent's, and their threads are not here. */
  private static void forked() {
    Set<FrameSocket> parents = peers;
    peers = ConcurrentHashMap.newKeySet();
    for (FrameSocket peer : parents) {
      Descriptors.close(peer.descriptor());
    }
  }

  private static void serve(FrameSocket peer, Finalizer atEnd) {
    try {
      for (FrameSocket.Frame request = peer.receive();
          request != null && peer.send(answer(request.bytes()));
          request = peer.receive()) {
        // the next one
      }
    } catch (RuntimeException e) {
      Log.warning("classes are not served any more to a child: " + e);
    } finally {
      boolean _ = atEnd.cancel();
      peers.remove(peer);
      peer.close();
    }
  }

  /**
   * Answers a question of a child.
   *
   * @throws IllegalStateException if it is none
   */
  static byte[] answer(byte[] request) {
    Reader reader = new Reader(request);
    long kind = reader.number();
    String name = reader.text();
    AT_WORK.lock();
    try {
      return Line.answer(kind == Line.CLASS ? classBytes(name) : resources(name));
    } finally {
      AT_WORK.unlock();
    }
  }

  private static List<byte[]> classBytes(String name) {
    String file = name.replace('.', '/') + ".class";
    for (ClassLoader loader : ProgramLoaders.all()) {
      ClassLoader definer = definer(name, loader);
      byte[] bytes = definer == null ? null : content(definer, file);
      if (bytes == null && definer != null) {
        bytes = content(loader, file);
      }
      if (bytes != null) {
        return List.of(bytes);
      }
    }
    return List.of();
  }

  /**
   * The loader that defines a class, which may make it only now; null for those of a child's own.
   */
  private static @Nullable ClassLoader definer(String name, ClassLoader loader) {
    try {
      ClassLoader definer = Class.forName(name, false, loader).getClassLoader();
      return ProgramLoaders.isOrdinary(definer) ? null : definer;
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }

  private static byte @Nullable [] content(ClassLoader loader, String name) {
    try (InputStream stream = loader.getResourceAsStream(name)) {
      return stream == null ? null : stream.readAllBytes();
    } catch (IOException e) {
      Log.warning("cannot serve " + name + ": " + e);
      return null;
    }
  }

  /** What the loaders have of a name, without what the child finds on the class path. */
  private static List<byte[]> resources(String name) {
    List<byte[]> contents = new ArrayList<>();
    Set<String> known = new HashSet<>();
    try {
      for (URL url : Collections.list(ClassLoader.getSystemClassLoader().getResources(name))) {
        known.add(url.toExternalForm());
      }
      for (ClassLoader loader : ProgramLoaders.all()) {
        for (URL url : Collections.list(loader.getResources(name))) {
          if (known.add(url.toExternalForm())) {
            try (InputStream stream = url.openStream()) {
              contents.add(stream.readAllBytes());
            }
          }
        }
      }
    } catch (IOException e) {
      Log.warning("cannot serve " + name + ": " + e);
    }
    return contents;
  }
}
