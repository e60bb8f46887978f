package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import multiprocessing.pool.ProgressListener.Progress;
import org.junit.jupiter.api.Test;

/** What bars show, and what becomes of them where the library that draws them is missing. */
final class ProgressBarsTest {
  private final ByteArrayOutputStream drawn = new ByteArrayOutputStream();
  private final ProgressListener bars =
      ProgressBars.on(new PrintStream(drawn, true, StandardCharsets.UTF_8));

  private void tell(long job, String name, long done, OptionalLong total, boolean ended) {
    bars.progress(new Progress(job, name, done, total, Duration.ofMillis(done), ended));
  }

  private String last() {
    String[] pictures = drawn.toString(StandardCharsets.UTF_8).strip().split("\r", -1);
    return pictures[pictures.length - 1];
  }

  @Test
  void aBarEndsWhereItsJobDoes() {
    tell(1, "rendering", 0, OptionalLong.of(20), false);
    tell(1, "rendering", 7, OptionalLong.of(20), false);
    tell(1, "rendering", 20, OptionalLong.of(20), true);
    assertTrue(last().contains("rendering") && last().contains("20/20"), last());
    assertTrue(last().contains("100%"), last());
  }

  @Test
  void aJobOfUnknownLengthIsWholeAtItsEnd() {
    tell(1, "reading", 0, OptionalLong.empty(), false);
    tell(1, "reading", 5, OptionalLong.empty(), true);
    assertTrue(last().contains("5/5") && last().contains("100%"), last());
  }

  @Test
  void aJobThatFailsLeavesItsBarWhereItWas() {
    tell(1, "failing", 3, OptionalLong.of(9), true);
    assertTrue(last().contains("3/9"), last());
  }

  @Test
  void jobsHaveBarsOfTheirOwn() {
    tell(1, "one", 1, OptionalLong.of(2), false);
    tell(2, "Main$$Lambda/0x1@2", 1, OptionalLong.of(3), false);
    tell(1, "one", 2, OptionalLong.of(2), true);
    assertTrue(last().contains("one") && last().contains("2/2"), last());
    tell(2, "Main$$Lambda/0x1@2", 3, OptionalLong.of(3), true);
    assertTrue(last().contains("job 2") && last().contains("3/3"), last());
  }

  @Test
  void withoutTheLibraryTheErrorNamesItAndAllElseIsThere() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!part.contains("progressbar")) {
        urls.add(Path.of(part).toUri().toURL());
      }
    }
    ClassLoader platform = ClassLoader.getPlatformClassLoader();
    try (URLClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new), platform)) {
      MethodHandle bare =
          MethodHandles.publicLookup()
              .findStatic(
                  loader.loadClass(ProgressBars.class.getName()),
                  "onTerminal",
                  MethodType.methodType(loader.loadClass(ProgressListener.class.getName())));
      IllegalStateException thrown = assertThrows(IllegalStateException.class, bare::invoke);
      assertTrue(thrown.toString().contains("me.tongfei:progressbar"), thrown::toString);
      Class<?> pool = Class.forName(ProcessPool.class.getName(), true, loader);
      assertEquals(loader, pool.getClassLoader());
    }
  }
}
