package multiprocessing.programs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** A folder in which programs are compiled, packed and run. */
final class Workshop {
  private static final List<String> LIBRARY =
      List.of("multiprocessing.Context", "org.apache.fory.Fory");

  private final Path folder;

  Workshop(Path folder) {
    this.folder = folder;
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  /** The library and what it needs, each a jar or a folder. */
  static List<Path> library() {
    return LIBRARY.stream().map(Workshop::place).toList();
  }

  static String libraryPath() {
    return library().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static Path place(String className) {
    try {
      Class<?> type = Class.forName(className);
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (ClassNotFoundException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes a program of the tests' resources into the folder; gives its file. */
  Path source(String name) throws IOException {
    return write(name, text(name));
  }

  static String text(String name) throws IOException {
    try (InputStream stream = Workshop.class.getResourceAsStream("/programs/" + name)) {
      return new String(Objects.requireNonNull(stream, name).readAllBytes(), UTF_8);
    }
  }

  Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  /** Compiles; gives the folder of the classes. */
  Path compile(String pathOption, Path... sources) {
    Path classes = folder.resolve("classes");
    List<String> arguments =
        new ArrayList<>(List.of("-d", classes.toString(), pathOption, libraryPath()));
    for (Path source : sources) {
      arguments.add(source.toString());
    }
    var errors = new ByteArrayOutputStream();
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, errors, arguments.toArray(String[]::new));
    assertEquals(0, result, errors::toString);
    return classes;
  }

  /** The files below a folder, or the folder's own jar. */
  static byte[] asJar(Path place) throws IOException {
    return Files.isDirectory(place)
        ? jar(new Manifest(), files(place, ""))
        : Files.readAllBytes(place);
  }

  static Map<String, byte[]> files(Path folder, String prefix) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString();
        if (!name.equals("module-info.class") || prefix.isEmpty()) {
          files.put(prefix + name, Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  static Manifest manifest(String main, String classPath) {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(Attributes.Name.MAIN_CLASS, main);
    attributes.putValue("Enable-Native-Access", "ALL-UNNAMED");
    if (!classPath.isEmpty()) {
      attributes.put(Attributes.Name.CLASS_PATH, classPath);
    }
    return manifest;
  }

  static byte[] jar(Manifest manifest, Map<String, byte[]> files) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (JarOutputStream jar = open(bytes, manifest)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        jar.putNextEntry(new JarEntry(file.getKey()));
        jar.write(file.getValue());
      }
    }
    return bytes.toByteArray();
  }

  private static JarOutputStream open(OutputStream out, Manifest manifest) throws IOException {
    return manifest.getMainAttributes().isEmpty()
        ? new JarOutputStream(out)
        : new JarOutputStream(out, manifest);
  }

  /** Starts a tool of the JDK in the folder, with its output in the files out and err. */
  Process start(String tool, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(file("out").toFile())
            .redirectError(file("err").toFile());
    builder.environment().put("XDG_CACHE_HOME", file("cache").toString());
    return builder.start();
  }

  /** Runs a tool to its end; gives the lines of its output. */
  List<String> run(String tool, List<String> arguments) throws IOException, InterruptedException {
    int code = start(tool, arguments).waitFor();
    assertEquals("", Files.readString(file("err")));
    assertEquals(0, code);
    return Files.readAllLines(file("out"));
  }
}
