package multiprocessing.linear;

import java.util.HashMap;
import java.util.Map;
import multiprocessing.memory.SharedMap;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/** A map, of which a few entries are put, replaced and removed. */
@Param(name = "key", gen = IntGen.class, conf = "1:2")
@Param(name = "value", gen = IntGen.class, conf = "1:3")
public class MapOrder {
  private final Map<Integer, Integer> map;

  /** One that lies in shared memory. */
  public MapOrder() {
    this(SharedMap.create(Integer.class, Integer.class));
  }

  private MapOrder(Map<Integer, Integer> map) {
    this.map = map;
  }

  /** Puts; what was there before. */
  @Operation
  public @Nullable Integer put(@Param(name = "key") int key, @Param(name = "value") int value) {
    return map.put(key, value);
  }

  /** Puts if there is none; what is there. */
  @Operation
  public @Nullable Integer putIfAbsent(
      @Param(name = "key") int key, @Param(name = "value") int value) {
    return map.putIfAbsent(key, value);
  }

  /** Replaces what there is; what that was. */
  @Operation
  public @Nullable Integer replace(@Param(name = "key") int key, @Param(name = "value") int value) {
    return map.replace(key, value);
  }

  /** Removes; what was there. */
  @Operation
  public @Nullable Integer remove(@Param(name = "key") int key) {
    return map.remove(key);
  }

  /** What is there. */
  @Operation
  public @Nullable Integer get(@Param(name = "key") int key) {
    return map.get(key);
  }

  /** What it comes to. */
  public static class Plain extends MapOrder {
    /** One of the JDK. */
    public Plain() {
      super(new HashMap<>());
    }
  }
}
