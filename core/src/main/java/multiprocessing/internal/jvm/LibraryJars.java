package multiprocessing.internal.jvm;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import multiprocessing.error.StartException;
import multiprocessing.internal.os.CacheFolder;
import org.jspecify.annotations.Nullable;

/**
 * Where the library's own jars are: a child needs them on its class path before it can be served
 * anything. Where they lie within another jar, they are copied to the user's cache folder.
 */
final class LibraryJars {
  private static final String INNER = "!/";

  private static final Map<Class<?>, String> PLACES = new ConcurrentHashMap<>();

  private LibraryJars() {}

  /**
   * The jar or the folder that a class comes from.
   *
   * @throws StartException if there is none that a child could be given
   */
  static String of(Class<?> type) {
    return PLACES.computeIfAbsent(type, LibraryJars::find);
  }

  private static String find(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    URL place = source == null ? null : source.getLocation();
    try {
      String file = place == null ? null : file(place);
      if (file != null) {
        return file;
      }
      byte[] jar = place == null ? null : innerJar(place);
      if (jar == null) {
        jar = jarOfResource(type);
      }
      if (jar != null) {
        return copy(type, jar);
      }
    } catch (IOException | URISyntaxException | IllegalArgumentException e) {
      throw nowhere(type, place, e);
    }
    throw nowhere(type, place, null);
  }

  private static StartException nowhere(
      Class<?> type, @Nullable URL place, @Nullable Exception cause) {
    String problem =
        "no child can be started: it would not find the class "
            + type.getName()
            + ", which was loaded from "
            + (place == null ? "nowhere" : place)
            + "; have its jar on the class path, or within another jar";
    return cause == null ? new StartException(problem) : new StartException(problem, cause);
  }

  private static @Nullable String file(URL place) throws URISyntaxException {
    return place.getProtocol().equals("file") ? Path.of(place.toURI()).toString() : null;
  }

  /** Of {@code jar:file:/app.jar!/lib/x.jar!/} or {@code jar:nested:/app.jar/!lib/x.jar!/}. */
  private static byte @Nullable [] innerJar(URL place) throws IOException {
    URLConnection connection = place.openConnection();
    if (connection instanceof JarURLConnection jar && jar.getEntryName() == null) {
      String inner = jar.getJarFileURL().toString();
      if (!inner.contains(INNER)) {
        return jarBytes(jar.getJarFileURL());
      }
    }
    String text = place.toString();
    if (text.endsWith(INNER)) {
      return jarBytes(URI.create(text.substring(0, text.length() - INNER.length())).toURL());
    }
    return jarBytes(place);
  }

  private static byte @Nullable [] jarOfResource(Class<?> type) throws IOException {
    URL resource = type.getResource("/" + type.getName().replace('.', '/') + ".class");
    return resource != null && resource.openConnection() instanceof JarURLConnection jar
        ? jarBytes(jar.getJarFileURL())
        : null;
  }

  /** What is there, if it is a jar; null if not, or if there is nothing. */
  private static byte @Nullable [] jarBytes(URL url) {
    try (InputStream stream = url.openStream()) {
      byte[] bytes = stream.readAllBytes();
      return bytes.length > 4 && bytes[0] == 'P' && bytes[1] == 'K' ? bytes : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static String copy(Class<?> type, byte[] jar) throws IOException {
    String name = type.getPackageName().startsWith("multiprocessing") ? "library" : "dependency";
    Path folder = CacheFolder.of("jars");
    if (folder == null) {
      Path file = Files.createTempFile("multiprocessing-", ".jar");
      file.toFile().deleteOnExit();
      return Files.write(file, jar).toString();
    }
    return CacheFolder.keep(folder, name, ".jar", jar).toString();
  }
}
