package multiprocessing.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which options of a parent its children get. */
final class ParentOptionsTest {
  @Test
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
}
