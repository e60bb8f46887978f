package multiprocessing.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One line of the report: a kind of work, and who does it.
 *
 * @param name what it is called on the command line
 * @param group what rows it is reported with
 * @param title what is done, in a few words
 * @param unit in what its speed is told
 * @param each how many items or bytes one operation is
 * @param least how many operations a round has at least: so many that what a round costs by itself,
 *     such as waking another process, does not count
 * @param most how many it has at most: for work that takes time which is not measured
 * @param aims what ratios are to be; may be empty
 * @param sides who does it, in the order of their turns
 * @param reason why it is behind somebody or short of an aim, where it is, and what would change
 *     that; may be empty
 */
record Row(
    String name,
    String group,
    String title,
    Unit unit,
    long each,
    long least,
    long most,
    List<Aim> aims,
    List<Side> sides,
    String reason) {

  static Builder of(String group, String name, String title) {
    return new Builder(group, name, title);
  }

  /** Whether a name of the command line means this row. */
  boolean isNamed(String argument) {
    return name.equals(argument) || group.equals(argument);
  }

  /** The aims as the report has them. */
  String aimText() {
    return aims.stream().map(Aim::toString).collect(Collectors.joining("; "));
  }

  /** Collects what a row is. */
  static final class Builder {
    private final String group;
    private final String name;
    private final String title;
    private final List<Side> sides = new ArrayList<>();
    private final List<Aim> aims = new ArrayList<>();
    private Unit unit = Unit.TIME;
    private long each = 1;
    private long least = 1;
    private long most = Long.MAX_VALUE;
    private String reason = "";

    private Builder(String group, String name, String title) {
      this.group = group;
      this.name = name;
      this.title = title;
    }

    /** Says in what the speed is told, and how many items or bytes one operation is. */
    Builder unit(Unit unit, long each) {
      this.unit = unit;
      this.each = each;
      return this;
    }

    Builder least(long operations) {
      least = operations;
      return this;
    }

    Builder most(long operations) {
      most = operations;
      return this;
    }

    Builder aim(Aim aim) {
      aims.add(aim);
      return this;
    }

    /** Says why it is behind, and what would change that. */
    Builder because(String reason) {
      this.reason = reason;
      return this;
    }

    /** Adds the sides that each row has: this library and CPython, with one name for the work. */
    Builder both() {
      return side(Side.ours(name)).side(Side.cpython(name));
    }

    Builder side(Side side) {
      sides.add(side);
      return this;
    }

    Row build() {
      return new Row(
          name,
          group,
          title,
          unit,
          each,
          least,
          most,
          List.copyOf(aims),
          List.copyOf(sides),
          reason);
    }
  }
}
