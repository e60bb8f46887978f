package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import multiprocessing.internal.sync.Words;
import org.jspecify.annotations.Nullable;

/**
 * A map from byte strings to byte strings, for any processes of the tree at once.
 *
 * <p>Whoever reads one entry takes no lock and waits for nobody. A change is whole or not there,
 * whoever dies. What is done to one key happens in one order for all, and a reader sees what was
 * done before the change that it finds.
 */
public final class RecordMap {
  /*
   *   +0   seed of the hash
   *   +64  stripes, each a part of the map by hash; see MapStripe, and there why kills do no harm
   */
  private static final long SEED = 0;
  private static final long STRIPES = 64;
  private static final int STRIPE_BITS = 6;
  private static final long BYTES = STRIPES + MapStripe.BYTES * (1 << STRIPE_BITS);
  private static final long FACTOR = 0x9E3779B97F4A7C15L; // 2^64 by the golden ratio

  private final SharedBlock block;
  private final long seed;
  private final MapStripe[] stripes = new MapStripe[1 << STRIPE_BITS];

  private RecordMap(SharedBlock block) {
    this.block = block;
    this.seed = (long) Words.LONG.getVolatile(block.segment(), block.offset() + SEED);
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new MapStripe(block, block.offset() + STRIPES + MapStripe.BYTES * i);
    }
  }

  /** A new empty map. */
  public static RecordMap create() {
    SharedBlock block = SharedBlock.create(BYTES);
    MemorySegment segment = block.segment();
    long seed = ThreadLocalRandom.current().nextLong();
    Words.LONG.setVolatile(segment, block.offset() + SEED, seed);
    return new RecordMap(block);
  }

  /** The map whose head a block is. */
  public static RecordMap at(SharedBlock block) {
    return new RecordMap(block);
  }

  /** The head of the map, to send to others. */
  public SharedBlock block() {
    return block;
  }

  /** The value of a key; null if there is none. */
  public byte @Nullable [] get(byte[] key) {
    int hash = hash(key);
    return stripe(hash).get(key, hash);
  }

  /** Gives a key a value; gives the one before. */
  public byte @Nullable [] put(byte[] key, byte[] value) {
    return write(key, value, _ -> true);
  }

  /** Gives a key a value if it has none; gives the one it has. */
  public byte @Nullable [] putIfAbsent(byte[] key, byte[] value) {
    return write(key, value, old -> old == null);
  }

  /** Gives a key another value if it has one; gives the one before. */
  public byte @Nullable [] replace(byte[] key, byte[] value) {
    return write(key, value, old -> old != null);
  }

  /** Gives a key another value if it has the expected one; says whether it had. */
  public boolean replace(byte[] key, byte[] expected, byte[] value) {
    return Arrays.equals(expected, write(key, value, old -> Arrays.equals(expected, old)));
  }

  /** Removes a key; gives its value. */
  public byte @Nullable [] remove(byte[] key) {
    return write(key, null, _ -> true);
  }

  /** Removes a key if it has the expected value; says whether it had. */
  public boolean remove(byte[] key, byte[] expected) {
    return Arrays.equals(expected, write(key, null, old -> Arrays.equals(expected, old)));
  }

  private byte @Nullable [] write(
      byte[] key, byte @Nullable [] value, MapStripe.Condition condition) {
    int hash = hash(key);
    return stripe(hash).write(key, hash, value, condition);
  }

  /** How many keys there are just now. */
  public long size() {
    long size = 0;
    for (MapStripe stripe : stripes) {
      size += stripe.size();
    }
    return size;
  }

  /** Removes all that is there when the part of the map that it lies in is cleared. */
  public void clear() {
    for (MapStripe stripe : stripes) {
      stripe.clear();
    }
  }

  /** In how many parts {@link #part} gives the map. */
  public int parts() {
    return stripes.length;
  }

  /** All entries of a part, as they are at one moment. */
  public List<Map.Entry<byte[], byte[]>> part(int index) {
    return stripes[index].entries();
  }

  private MapStripe stripe(int hash) {
    return stripes[hash >>> (Integer.SIZE - STRIPE_BITS)];
  }

  private int hash(byte[] key) {
    long hash = seed ^ (key.length * FACTOR);
    for (int i = 0; i < key.length; i += Long.BYTES) {
      hash = (hash ^ MapTable.word(key, i)) * FACTOR;
      hash ^= hash >>> 32;
    }
    return (int) ((hash * FACTOR) >>> 32);
  }
}
