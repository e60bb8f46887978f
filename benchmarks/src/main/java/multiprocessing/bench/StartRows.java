package multiprocessing.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import multiprocessing.process.StartMethod;

/** The rows about starting processes: the same ones for each start method that works here. */
final class StartRows {
  private static final String GROUP = "start";
  private static final String NOTHING = "start and join a process that does nothing";

  /** How many of a work that pauses are done in a round; each takes some 50 ms. */
  private static final int PAUSED = 10;

  /** Why a row may be behind, by its name or its start method. */
  private static final Map<String, String> REASONS =
      Map.ofEntries(
          Map.entry(
              "forkserver",
              "a virtual machine has some thousand pages that a child writes to and so gets copies"
                  + " of, and tens of megabytes whose tables are copied at its start and taken down"
                  + " at its end; a third of those pages is the bookkeeping of the compiler. Code"
                  + " compiled ahead of time would spare that."),
          Map.entry(
              "latency-forkserver",
              "half of it is what the parent does until the task is sent, the other half what the"
                  + " child does from then on, and both run code that has been used a few hundred"
                  + " times at most. Code compiled ahead of time would change that."),
          Map.entry(
              "first-forkserver",
              "the first start waits for the zygote, a virtual machine that rehearses before it is"
                  + " forked. ForkServers.start() has it come up ahead of time."),
          Map.entry(
              "share-forkserver",
              "the zygote's heap and compiled code are shared by few children in this row. Each"
                  + " further one adds what it has for itself."),
          Map.entry(
              "fork",
              "all threads of the virtual machine are stopped, copied and set going again, and a"
                  + " program that has begun just now has compiled little of what a child does;"
                  + " the tables of 80 MB are copied and taken down, which alone takes longer than"
                  + " all of CPython's fork with its 7 MB and one thread. A fork of all threads by"
                  + " the kernel would help."),
          Map.entry("first-fork", "as those, and all of the code runs for the first time."),
          Map.entry(
              "private-fork",
              "the virtual machine's threads and the bookkeeping of the compiler write to pages"
                  + " that are shared until then."),
          Map.entry("share-fork", "the parent is a virtual machine of tens of megabytes."),
          Map.entry(
              "spawn",
              "a virtual machine that runs an empty program needs most of it (see the column of the"
                  + " JDK); an AOT cache spares the loading of classes, but not their first use."
                  + " Code in the AOT cache, which JDKs after 25 have, would help."),
          Map.entry(
              "first-spawn",
              "the parent runs code for the first time; there may be no AOT cache yet."),
          Map.entry("private-spawn", "a virtual machine has a heap and a compiler of its own."),
          Map.entry("share-spawn", "a virtual machine has a heap and a compiler of its own."));

  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private StartRows() {}

  static boolean isOne(Row row) {
    return row.group().equals(GROUP);
  }

  /** Waits for what this program's processes are started with from their second run on. */
  static void prepare(Toolbox toolbox) throws IOException, InterruptedException {
    List<String> command = toolbox.command(Program.JAVA, "aot-caches").orElseThrow();
    try (Remote remote = Remote.start(command)) {
      remote.awaitReady(PATIENCE);
      remote.run(1, PATIENCE);
    } catch (Remote.FailedException e) {
      System.err.println("bench: children are started without AOT cache: " + e.getMessage());
    }
  }

  static List<Row> all() {
    List<Row> rows = new ArrayList<>();
    for (StartMethod method : StartMethod.supported()) {
      add(rows, method, method.name().toLowerCase(Locale.ROOT));
    }
    return rows;
  }

  private static void add(List<Row> rows, StartMethod method, String name) {
    Row.Builder start =
        row("start", name, NOTHING + ", one after the other").aim(Aim.atMost(ratio(method)));
    if (method == StartMethod.SPAWN) {
      start
          .side(Side.loky("start"))
          .side(Side.workerpool("a pool of one", "start"))
          .side(Side.pp4j("a pool of one", "start"))
          .side(
              new Side(
                  Peer.JDK, "ProcessBuilder, an empty program", Program.JAVA, "start-bare-jvm"))
          .side(Side.limit("fork, exec, wait", "exec"));
    } else {
      start.side(Side.limit("fork and wait", "fork"));
    }
    rows.add(start.build());
    rows.add(
        row("start-paused", name, NOTHING + ", 50 ms after the last one")
            .most(PAUSED)
            .aim(Aim.atMost(ratio(method)))
            .build());
    if (method != StartMethod.SPAWN) {
      rows.add(
          row("heap", name, NOTHING + ", 50 ms after the last one, in a parent of 200 MB")
              .most(PAUSED)
              .build());
    }
    Row.Builder latency =
        row("latency", name, "from start() to the first instruction of the target").most(PAUSED);
    if (method == StartMethod.FORKSERVER) {
      latency.aim(Aim.atMost(Duration.ofMillis(1)));
    }
    rows.add(latency.build());
    rows.add(row("first", name, "the first start and join in a program").build());
    rows.add(
        row("private", name, "memory of a child that sleeps: what it has for itself")
            .unit(Unit.MEMORY, 1)
            .build());
    rows.add(
        row("share", name, "the same, and its share of what it has with others (PSS)")
            .unit(Unit.MEMORY, 1)
            .build());
  }

  private static Row.Builder row(String kind, String method, String title) {
    return Row.of(GROUP, kind + "-" + method, title + "; both " + method)
        .both()
        .because(REASONS.getOrDefault(kind + "-" + method, REASONS.getOrDefault(method, "")));
  }

  private static double ratio(StartMethod method) {
    return switch (method) {
      case SPAWN -> 0.5;
      case FORKSERVER -> 0.3;
      case FORK -> 1;
      case IN_PROCESS -> throw new IllegalArgumentException("a thread is no process to compare");
    };
  }
}
