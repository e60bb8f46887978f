package multiprocessing.internal.launch;

import java.util.List;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.wire.Reader;
import multiprocessing.internal.wire.Writer;
import multiprocessing.stress.Target;

/** What parents tell children and zygotes at their birth. */
public final class LaunchTargets {
  private LaunchTargets() {}

  /** A decoder each. */
  public static List<Target> all() {
    LaunchRequest request =
        new LaunchRequest(new Session.Birth("Fuzz", "1", false, null), new byte[32], () -> {});
    return List.of(
        new Target(
            "preparations",
            List.of(Preparation.write(request, new byte[50], false, false)),
            List.of(IllegalStateException.class),
            Preparation::read),
        new Target(
            "plans of zygotes",
            List.of(new ZygotePlan(List.of("java.lang.String"), new byte[20]).write(false)),
            List.of(IllegalStateException.class),
            ZygotePlan.Received::read),
        new Target(
            "answers of zygotes",
            List.of(new Writer().number(4711).text("words").toBytes()),
            List.of(IllegalStateException.class),
            message -> {
              Reader reader = new Reader(message);
              long _ = reader.number();
              String _ = reader.text();
            }));
  }
}
