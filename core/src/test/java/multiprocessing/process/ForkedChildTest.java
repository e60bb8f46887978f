package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipFile;
import multiprocessing.testing.Children;
import org.apache.fory.Fory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a process can do that began its life as a copy of another one. */
final class ForkedChildTest extends ChildTests {
  ForkedChildTest() {
    super(StartMethod.FORKSERVER);
  }

  @AfterEach
  void useTheDefaults() {
    ForkServers.preload();
    ForkServers.warmUp(null);
    ForkServers.spares(1);
  }

  @TestFactory
  Stream<DynamicTest> itDoesWhatProgramsDo() {
    return Stream.of(Chore.values())
        .map(chore -> DynamicTest.dynamicTest(chore.name(), () -> doInChild(chore)));
  }

  private void doInChild(Chore chore) throws Exception {
    File err = folder.resolve("err-" + chore).toFile();
    ChildProcess child =
        child(
                () -> {
                  for (int i = 0; i < 3; i++) {
                    chore.run(i);
                  }
                })
            .options(ProcessOptions.builder().stderr(Redirect.to(err)).build())
            .start();
    int code = Children.exitCode(child);
    assertEquals("0", code + Files.readString(err.toPath()));
  }

  @Test
  void itDoesEverythingAtOnce() throws Exception {
    File err = folder.resolve("err").toFile();
    ChildProcess child =
        child(
                () -> {
                  List<Thread> threads = new ArrayList<>();
                  for (Chore chore : Chore.values()) {
                    threads.add(Thread.ofPlatform().start(() -> unchecked(() -> chore.run(7))));
                  }
                  for (Thread thread : threads) {
                    thread.join();
                  }
                })
            .options(ProcessOptions.builder().stderr(Redirect.to(err)).build())
            .start();
    assertEquals("0", Children.exitCode(child) + Files.readString(err.toPath()));
  }

  @Test
  void itWritesToItsStandardStreams() throws Exception {
    File file = folder.resolve("streams").toFile();
    ChildProcess child =
        child(
                () -> {
                  System.out.println("one");
                  System.err.println("two");
                  Logger.getLogger("three").warning("four");
                  System.out.printf("%s%n", "five");
                })
            .options(
                ProcessOptions.builder()
                    .stdout(Redirect.appendTo(file))
                    .stderr(Redirect.appendTo(file))
                    .build())
            .start();
    assertEquals(0, Children.exitCode(child));
    String text = Files.readString(file.toPath());
    assertTrue(text.matches("(?s)one\ntwo\n.*four\nfive\n"), text);
  }

  // Files that were opened before the fork

  /** Reads all of a jar by way of the class loader, which has it open since before the fork. */
  private static void readClassPath(String jar, String awaited) throws Exception {
    Children.await(() -> Files.exists(Path.of(awaited)));
    ClassLoader loader = Objects.requireNonNull(ForkedChildTest.class.getClassLoader());
    try (JarFile file = new JarFile(new File(jar), true, ZipFile.OPEN_READ, Runtime.version())) {
      for (JarEntry entry : file.versionedStream().toList()) {
        if (entry.getName().startsWith("org/apache/fory/") && !entry.isDirectory()) {
          try (InputStream stream = loader.getResourceAsStream(entry.getName())) {
            CRC32 sum = new CRC32();
            sum.update(Objects.requireNonNull(stream, entry.getName()).readAllBytes());
            assertEquals(entry.getCrc(), sum.getValue(), entry.getName());
          }
        }
      }
    }
  }

  @Test
  void childrenReadTheClassPathSideBySide() throws Exception {
    ForkServers.preload(Fory.class.getName()); // the zygote has opened its jar
    var place = Fory.class.getProtectionDomain().getCodeSource().getLocation();
    String jar = Path.of(place.toURI()).toString();
    Path go = folder.resolve("go");
    String awaited = go.toString();
    List<ChildProcess> children = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      children.add(child(() -> readClassPath(jar, awaited)).start());
    }
    Files.createFile(go);
    for (ChildProcess child : children) {
      assertEquals(0, Children.exitCode(child));
    }
  }

  // Randomness

  /** Draws from each generator that a program may use, one line each. */
  private static List<String> draw() throws InterruptedException {
    List<String> numbers = new ArrayList<>();
    numbers.add("ThreadLocalRandom " + ThreadLocalRandom.current().nextLong());
    numbers.add("Math.random " + Math.random());
    numbers.add("Random " + new Random().nextLong());
    numbers.add("SplittableRandom " + new SplittableRandom().nextLong());
    numbers.add("RandomGenerator " + RandomGenerator.getDefault().nextLong());
    numbers.add("SecureRandom " + new SecureRandom().nextLong());
    numbers.add("UUID " + UUID.randomUUID());
    List<Integer> list = new ArrayList<>(IntStream.range(0, 100).boxed().toList());
    Collections.shuffle(list);
    numbers.add("shuffle " + list);
    Thread thread =
        new Thread(
            () -> numbers.add("ThreadLocalRandom2 " + ThreadLocalRandom.current().nextLong()));
    thread.start();
    thread.join();
    return numbers;
  }

  private List<String> drawInChildren(int count) throws Exception {
    List<ChildProcess> children = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String file = folder.resolve("drawn-" + i).toString();
      children.add(child(() -> Files.write(Path.of(file), draw())).start());
    }
    List<String> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      assertEquals(0, Children.exitCode(children.get(i)));
      numbers.addAll(Files.readAllLines(folder.resolve("drawn-" + i)));
    }
    return numbers;
  }

  private static List<String> repeated(List<String> numbers) {
    return numbers.stream().filter(each -> Collections.frequency(numbers, each) > 1).toList();
  }

  @Test
  void childrenDrawDifferentNumbers() throws Exception {
    ForkServers.spares(3);
    assertEquals(List.of(), repeated(drawInChildren(6)));
  }

  @Test
  void childrenDrawDifferentNumbersThoughTheZygoteHasDrawn() throws Exception {
    ForkServers.warmUp(ForkedChildTest::draw);
    ForkServers.spares(3);
    assertEquals(List.of(), repeated(drawInChildren(6)));
  }
}
