package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that is a named module, with the library as one: its children are the same. */
@ProcessTest
class ModulePathTest {
  private static final String FORY = "org.apache.fory.Fory";
  private static final String MODULE =
      """
      module app {
        requires multiprocessing;
      }
      """;

  // The task is a lambda, the element a record of a package that is open to nobody.
  private static final String MAIN =
      """
      package app;

      import java.io.Serializable;
      import java.util.List;
      import multiprocessing.Multiprocessing;

      public final class Main {
        record Point(int x, int y) implements Serializable {}

        public static void main(String[] args) throws Exception {
          var queue = Multiprocessing.<Point>queue();
          var child =
              Multiprocessing.process(
                  () -> {
                    String module = Main.class.getModule().getName();
                    queue.put(new Point(module.length(), 4));
                  });
          child.start();
          System.out.println(queue.take());
          child.join();
          try (var pool = Multiprocessing.pool(1)) {
            System.out.println(pool.map(p -> p.x() + p.y(), List.of(new Point(1, 2))));
          }
          System.out.println(child.exitCode().getAsInt());
        }
      }
      """;

  @Test
  void childrenAreNamedModulesToo(@TempDir Path folder) throws Exception {
    String modulePath = place("multiprocessing.Context") + File.pathSeparator + place(FORY);
    Path classes = compile(folder, modulePath, MAIN);
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=multiprocessing",
                "--sun-misc-unsafe-memory-access=allow",
                "--module-path",
                modulePath + File.pathSeparator + classes,
                "--module",
                "app/app.Main")
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    int code = program.waitFor();
    assertEquals("", Files.readString(folder.resolve("err")));
    assertEquals(List.of("Point[x=3, y=4]", "[3]", "0"), Files.readAllLines(folder.resolve("out")));
    assertEquals(0, code);
  }

  /** Compiles the module {@code app} with a class {@code app.Main}. */
  static Path compile(Path folder, String modulePath, String main) throws IOException {
    Path sources = Files.createDirectories(folder.resolve("sources"));
    Path module = sources.resolve("module-info.java");
    Files.writeString(module, MODULE);
    Path file = Files.createDirectories(sources.resolve("app")).resolve("Main.java");
    Files.writeString(file, main);
    Path classes = folder.resolve("classes");
    String[] arguments = {
      "-d", classes.toString(), "--module-path", modulePath, module.toString(), file.toString()
    };
    var errors = new ByteArrayOutputStream();
    int result = ToolProvider.getSystemJavaCompiler().run(null, null, errors, arguments);
    assertEquals(0, result, errors::toString);
    return classes;
  }

  private static String place(String className) throws ClassNotFoundException, URISyntaxException {
    Class<?> type = Class.forName(className);
    Path place = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    assertTrue(Files.exists(place));
    return place.toString();
  }
}
