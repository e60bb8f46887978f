package multiprocessing.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import multiprocessing.process.StartMethod;
import org.junit.jupiter.api.Test;

/** What is measured. */
class RowsTest {
  @Test
  void eachStartMethodThatWorksHereHasTheSameRows() {
    List<String> names =
        Rows.ALL.stream().filter(row -> row.group().equals("start")).map(Row::name).toList();
    for (StartMethod method : StartMethod.supported()) {
      String name = "-" + method.name().toLowerCase(Locale.ROOT);
      for (String kind : List.of("start", "start-paused", "latency", "first", "private", "share")) {
        assertTrue(names.contains(kind + name), () -> kind + name + " is not in " + names);
      }
    }
    // The heap of the parent is nothing to a machine that is spawned.
    for (String forked : List.of("heap-forkserver", "heap-fork")) {
      assertEquals(StartMethod.supported().size() > 1, names.contains(forked), forked);
    }
    assertEquals(
        StartMethod.supported().size() * 6 + (StartMethod.supported().size() > 1 ? 2 : 0),
        names.size());
  }

  @Test
  void noNameMeansTwoThings() {
    Set<String> names = new HashSet<>();
    for (Row row : Rows.ALL) {
      assertTrue(names.add(row.name()), row.name());
    }
    for (Row row : Rows.ALL) {
      assertTrue(!names.contains(row.group()), row.group());
    }
  }

  @Test
  void nobodyHasTwoSidesInARow() {
    for (Row row : Rows.ALL) {
      Set<Peer> peers = new HashSet<>();
      row.sides().forEach(side -> assertTrue(peers.add(side.peer()), () -> row.name() + side));
    }
  }
}
