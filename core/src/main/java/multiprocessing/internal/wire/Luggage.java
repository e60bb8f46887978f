package multiprocessing.internal.wire;

import java.util.ArrayList;
import java.util.List;
import multiprocessing.internal.os.Descriptors;
import org.jspecify.annotations.Nullable;

/**
 * Descriptors that travel beside a message while it is encoded or decoded.
 *
 * <p>Whoever encodes a message that goes by a way which carries descriptors packs: what the message
 * holds may then add descriptors, and be found again by their number in the order. Whoever decodes
 * it unpacks. What nobody has taken is closed in the end.
 */
public final class Luggage implements AutoCloseable {
  private static final ThreadLocal<@Nullable Luggage> CURRENT = new ThreadLocal<>();

  private static final int TAKEN = -1;

  private final int room;
  private final List<Integer> descriptors;
  private final @Nullable Luggage outer;

  private Luggage(int room, List<Integer> descriptors) {
    this.room = room;
    this.descriptors = descriptors;
    this.outer = CURRENT.get();
    CURRENT.set(this);
  }

  /**
   * Begins to collect the descriptors of what this thread encodes.
   *
   * @param room how many can travel
   */
  public static Luggage pack(int room) {
    return new Luggage(room, new ArrayList<>());
  }

  /** Hands these descriptors, which belong to it from now on, to what this thread decodes. */
  public static Luggage unpack(List<Integer> descriptors) {
    return new Luggage(0, new ArrayList<>(descriptors));
  }

  /** Adds a copy of a descriptor; gives its number, or -1 where none can travel. */
  public static int add(int descriptor) {
    Luggage luggage = CURRENT.get();
    if (luggage == null || luggage.descriptors.size() >= luggage.room) {
      return -1;
    }
    luggage.descriptors.add(Descriptors.duplicate(descriptor, 0));
    return luggage.descriptors.size() - 1;
  }

  /** Takes the descriptor of a number; gives -1 where it has not come along. */
  public static int take(int number) {
    Luggage luggage = CURRENT.get();
    if (luggage == null || luggage.room > 0 || number >= luggage.descriptors.size()) {
      return -1;
    }
    return luggage.descriptors.set(number, TAKEN);
  }

  /** What was packed; it stays this object's. */
  public int[] packed() {
    return FrameSocket.numbers(descriptors);
  }

  /** Takes over what was packed. */
  public List<Integer> unload() {
    List<Integer> all = List.copyOf(descriptors);
    descriptors.clear();
    return all;
  }

  /** Closes what was not taken, and ends the packing or unpacking. */
  @Override
  public void close() {
    CURRENT.set(outer); // also null: the next one finds its place
    for (int descriptor : descriptors) {
      if (descriptor != TAKEN) {
        Descriptors.close(descriptor);
      }
    }
  }
}
