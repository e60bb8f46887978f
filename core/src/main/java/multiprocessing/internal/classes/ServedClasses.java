package multiprocessing.internal.classes;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import multiprocessing.internal.serial.Loaders;
import org.jspecify.annotations.Nullable;

/**
 * In a child: the loader of the classes and resources that its parent has, and that are not on the
 * class path.
 *
 * <p>It asks the loader of the class path first, so what both have comes from there. Everything is
 * asked for when it is needed, and once for each class; there is no list. Where the parent itself
 * is served, it asks its own parent in turn. A parent that dies answers nothing any more, and its
 * children are about to end as well.
 */
public final class ServedClasses extends ClassLoader {
  static {
    boolean _ = registerAsParallelCapable();
  }

  private static volatile @Nullable ServedClasses instance;

  private volatile Line line;

  private ServedClasses(Line line) {
    super("parent", ClassLoader.getSystemClassLoader());
    this.line = line;
  }

  /** Whether this process is served. */
  public static boolean isConnected() {
    return instance != null;
  }

  /**
   * From now on, this process asks the parent at the other end. The first time that makes the
   * loader, which becomes the context loader of this thread, and thus of those that it will make. A
   * fork of a process that is served keeps its loader, and has a line of its own.
   */
  public static synchronized void connect(int socket) {
    ServedClasses served = instance;
    if (served != null) {
      Line old = served.line;
      served.line = new Line(socket);
      old.closeForked();
      return;
    }
    served = new ServedClasses(new Line(socket));
    instance = served;
    Loaders.setProgram(served);
    Thread.currentThread().setContextClassLoader(served);
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    List<byte[]> found = line.ask(Line.CLASS, name);
    if (found.isEmpty()) {
      throw new ClassNotFoundException(
          name + " (neither on the class path, nor has the parent process its bytes)");
    }
    byte[] bytes = found.getFirst();
    return defineClass(name, bytes, 0, bytes.length);
  }

  @Override
  protected @Nullable URL findResource(String name) {
    List<byte[]> found = line.ask(Line.RESOURCES, name);
    return found.isEmpty() ? null : url(name, 0, found.getFirst());
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    List<URL> urls = new ArrayList<>();
    for (byte[] content : line.ask(Line.RESOURCES, name)) {
      urls.add(url(name, urls.size(), content));
    }
    return Collections.enumeration(urls);
  }

  private static URL url(String name, int number, byte[] content) {
    try {
      URI uri = new URI("parent", null, "/" + name, number == 0 ? null : "" + number, null);
      return URL.of(uri, new Handler(content));
    } catch (URISyntaxException | MalformedURLException e) {
      throw new IllegalArgumentException("no name of a resource: " + name, e);
    }
  }

  /** Opens what is in memory already. */
  private static final class Handler extends URLStreamHandler {
    private final byte[] content;

    Handler(byte[] content) {
      this.content = content;
    }

    @Override
    protected URLConnection openConnection(URL url) {
      return new URLConnection(url) {
        @Override
        public void connect() {
          connected = true;
        }

        @Override
        public long getContentLengthLong() {
          return content.length;
        }

        @Override
        public InputStream getInputStream() throws IOException {
          connect();
          return new ByteArrayInputStream(content);
        }
      };
    }
  }
}
