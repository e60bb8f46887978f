package multiprocessing.internal.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.management.ManagementFactory;
import java.util.List;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which options of a parent its children get. */
final class ParentOptionsTest {
  @Test
  @Proves(198)
  void whatChangesTheMeaningOfClassesIsInherited() {
    List<String> options =
        List.of(
            "-Dapp.mode=test",
            "-Dfile.encoding=COMPAT",
            "-ea",
            "-ea:com.example...",
            "--enable-preview",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-Xbootclasspath/a:/lib/x.jar");
    assertEquals(options, ParentOptions.of(options).inherited());
  }

  @Test
  void whatBelongsToTheParentAloneIsNot() {
    List<String> options =
        List.of(
            "-Xmx8g",
            "-Xms8g",
            "-XX:+UseZGC",
            "-XX:MaxRAMPercentage=80",
            "-agentlib:jdwp=transport=dt_socket,server=y,address=5005",
            "-javaagent:/lib/agent.jar=port=9404",
            "-Dcom.sun.management.jmxremote.port=9010",
            "-Djava.class.path=/app.jar",
            "-Duser.dir=/elsewhere",
            "-Duser.timezone=UTC",
            "-XX:StartFlightRecording",
            "-Xlog:gc");
    assertEquals(List.of(), ParentOptions.of(options).inherited());
  }

  @Test
  void nativeAccessIsMerged() {
    ParentOptions parent = ParentOptions.of(List.of("--enable-native-access=com.a,com.b", "-ea"));
    assertEquals(List.of("com.a", "com.b"), parent.nativeAccess());
    assertEquals(List.of("-ea"), parent.inherited());
  }

  @Test
  void theCommandLineIsReadAsTheLauncherReadsIt() {
    List<String> words =
        List.of(
            "/jdk/bin/java",
            "-Dapp.mode=test",
            "-cp",
            "-odd-name.jar",
            "--add-opens",
            "java.base/java.lang=ALL-UNNAMED",
            "-p",
            "mods",
            "--add-modules=app",
            "--class-path=app.jar",
            "-Xmx1g",
            "app.Main",
            "-Dnot=an.option");
    assertEquals(
        List.of(
            "-Dapp.mode=test",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--module-path=mods",
            "--add-modules=app",
            "-Xmx1g"),
        LauncherArguments.options(words));
    assertEquals(
        List.of("-ea"), LauncherArguments.options(List.of("java", "-ea", "-jar", "a.jar", "-da")));
    assertEquals(
        List.of("-ea"), LauncherArguments.options(List.of("java", "-ea", "-m", "app/app.Main")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@file",
        "-XX:Flags=file",
        "-XX:VMOptionsFile=file",
        "--source",
        "-Dname=J\u00fcrgen"
      })
  void whatTheCommandLineDoesNotShowIsAskedFor(String word) {
    assertNull(LauncherArguments.options(List.of("java", word, "app.Main")));
  }

  @Test
  void aCommandLineWithoutProgramSaysNothing() {
    assertNull(LauncherArguments.options(List.of("java", "-ea")));
    assertNull(LauncherArguments.options(List.of("")));
  }

  @Test
  void bothSourcesAgree() {
    assertEquals(
        ParentOptions.of(ManagementFactory.getRuntimeMXBean().getInputArguments()),
        ParentOptions.of(LauncherArguments.ofThisProcess()));
  }
}
