import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;

/** Runs a program out of jars within its own jar, with a loader of its own. */
class FatMain {
  static final String LIBRARIES = "BOOT-INF/lib/";
  static final String CLASSES = "BOOT-INF/classes/";

  static class Loader extends ClassLoader {
    private final Map<String, byte[]> contents = new HashMap<>();
    private final Map<String, String> places = new HashMap<>();

    Loader(File jar) throws IOException {
      super("fat", FatMain.class.getClassLoader());
      try (JarFile file = new JarFile(jar)) {
        for (JarEntry entry : Collections.list(file.entries())) {
          byte[] bytes = file.getInputStream(entry).readAllBytes();
          String place = "jar:" + jar.toURI() + "!/" + entry.getName();
          if (entry.getName().startsWith(LIBRARIES) && entry.getName().endsWith(".jar")) {
            addAll(bytes, place + "!/");
          } else if (entry.getName().startsWith(CLASSES)) {
            add(entry.getName().substring(CLASSES.length()), bytes, "jar:" + jar.toURI() + "!/");
          }
        }
      }
    }

    private void addAll(byte[] jar, String place) throws IOException {
      try (JarInputStream all = new JarInputStream(new ByteArrayInputStream(jar))) {
        for (JarEntry entry = all.getNextJarEntry(); entry != null; entry = all.getNextJarEntry()) {
          add(entry.getName(), all.readAllBytes(), place);
        }
      }
    }

    private void add(String name, byte[] bytes, String place) {
      contents.put(name, bytes);
      places.put(name, place);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      byte[] bytes = contents.get(file);
      if (bytes == null) {
        throw new ClassNotFoundException(name);
      }
      block(name);
      try {
        URL place = URI.create(places.get(file)).toURL();
        CodeSource source = new CodeSource(place, (Certificate[]) null);
        ProtectionDomain domain = new ProtectionDomain(source, null, this, null);
        return defineClass(name, bytes, 0, bytes.length, domain);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }

    /** Never comes to an end with the class that the test names, and tells so. */
    private static void block(String name) {
      if (name.equals(System.getProperty("block"))) {
        try {
          Files.createFile(Path.of(System.getProperty("asked")));
          Thread.sleep(Long.MAX_VALUE);
        } catch (IOException | InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }

    @Override
    protected URL findResource(String name) {
      byte[] bytes = contents.get(name);
      try {
        return bytes == null ? null : URL.of(URI.create("fat:/" + name), new Handler(bytes));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
      URL url = findResource(name);
      return Collections.enumeration(url == null ? List.of() : List.of(url));
    }
  }

  static class Handler extends URLStreamHandler {
    private final byte[] bytes;

    Handler(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    protected URLConnection openConnection(URL url) {
      return new URLConnection(url) {
        @Override
        public void connect() {}

        @Override
        public InputStream getInputStream() {
          return new ByteArrayInputStream(bytes);
        }
      };
    }
  }

  public static void main(String[] arguments) throws Exception {
    Loader loader = new Loader(new File(System.getProperty("java.class.path")).getAbsoluteFile());
    Thread.currentThread().setContextClassLoader(loader);
    var main = loader.loadClass("Tour").getDeclaredMethod("main", String[].class);
    main.setAccessible(true);
    main.invoke(null, (Object) arguments);
  }
}
