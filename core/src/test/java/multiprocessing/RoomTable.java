package multiprocessing;

import static java.util.stream.Collectors.toCollection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The rooms of the library, as the table in ARCHITECTURE.md lists them. */
final class RoomTable {
  /**
   * One row.
   *
   * @param name the package below the root package, empty for the root package itself
   * @param coming whether the row announces a room that does not exist yet
   */
  record Room(int storey, String name, boolean coming, TreeSet<String> mayImport) {
    boolean isInternal() {
      return name.startsWith("internal.");
    }

    @Override
    public String toString() {
      return name.isEmpty() ? "(root)" : name;
    }
  }

  private static final List<String> HEADER =
      List.of("storey", "room", "responsibility", "may import");

  private final Map<String, Room> rooms = new LinkedHashMap<>();

  private RoomTable() {}

  static RoomTable parse(String markdown) {
    RoomTable table = new RoomTable();
    boolean inside = false;
    for (String line : markdown.lines().toList()) {
      List<String> cells = cells(line);
      if (cells.equals(HEADER)) {
        inside = true;
      } else if (cells.size() != HEADER.size()) {
        inside = false;
      } else if (inside && cells.get(0).matches("\\d+")) {
        Room room = room(cells);
        table.rooms.put(room.name(), room);
      }
    }
    if (table.rooms.isEmpty()) {
      throw new IllegalArgumentException("there is no table with the columns " + HEADER);
    }
    table.expandPublicRooms();
    return table;
  }

  private static List<String> cells(String line) {
    if (!line.startsWith("|")) {
      return List.of();
    }
    return Arrays.stream(line.substring(1).split("\\|")).map(String::strip).toList();
  }

  private static Room room(List<String> cells) {
    String name = cells.get(1).replace("*(coming)*", "").replace("`", "").strip();
    TreeSet<String> mayImport =
        Arrays.stream(cells.get(3).split(","))
            .map(cell -> cell.replace("`", "").strip().replaceFirst("^i\\.", "internal."))
            .filter(cell -> !cell.equals("nothing"))
            .collect(toCollection(TreeSet::new));
    return new Room(
        Integer.parseInt(cells.get(0)),
        name.equals("(root)") ? "" : name,
        cells.get(1).contains("*(coming)*"),
        mayImport);
  }

  private void expandPublicRooms() {
    for (Room room : rooms.values()) {
      if (room.mayImport().remove("public rooms")) {
        rooms.values().stream()
            .filter(other -> !other.equals(room) && !other.isInternal())
            .forEach(other -> room.mayImport().add(other.name()));
      }
    }
  }

  Optional<Room> room(String name) {
    return Optional.ofNullable(rooms.get(name));
  }

  List<Room> rooms() {
    return List.copyOf(rooms.values());
  }

  /**
   * What is wrong with the table itself: imports go down the stairs, and to rooms that it lists.
   */
  List<String> faults() {
    List<String> faults = new ArrayList<>();
    for (Room room : rooms.values()) {
      for (String name : room.mayImport()) {
        Room imported = rooms.get(name);
        if (imported == null) {
          faults.add(room + " may import " + name + ", which is no room");
        } else if (imported.storey() >= room.storey()) {
          faults.add(room + " may import " + imported + ", which is not below it");
        } else if (room.isInternal()
            && !imported.isInternal()
            && !List.of("error", "spi").contains(name)) {
          faults.add(room + " may import " + imported + ", which is public");
        }
      }
    }
    return faults;
  }
}
