package multiprocessing.internal.shm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A random sequence of operations on a queue, on blocks of memory and on permits, and a model of
 * what it leads to. Two of the same seed are the same, so that one process can tell what another
 * has come to.
 */
final class Workload {
  /** The capacity of the queue. */
  static final int BOUND = 100;

  /** The permits there are. */
  static final int PERMITS = 5;

  private static final int BLOCKS = 60;

  enum Kind {
    PUT,
    TAKE,
    PEEK,
    REMOVE,
    ALLOCATE,
    FREE,
    ACQUIRE,
    RELEASE,
    SURGE
  }

  /**
   * A step.
   *
   * @param kind what to do
   * @param number the number of the element to put or to remove; the size of a block to allocate,
   *     or the index of the one to free
   */
  record Step(Kind kind, int number) {}

  private final Random random;
  private final ArrayDeque<Integer> queue = new ArrayDeque<>();
  private final List<Integer> blocks = new ArrayList<>();
  private int held;
  private int nextElement;

  Workload(long seed) {
    random = new Random(seed);
  }

  /** Decides on the next step and does it in the model. */
  Step next() {
    if (random.nextInt(1_000) == 0) {
      return new Step(Kind.SURGE, 0);
    }
    int dice = random.nextInt(100);
    if (dice < 33) {
      return put();
    } else if (dice < 60) {
      queue.poll();
      return new Step(Kind.TAKE, 0);
    } else if (dice < 63) {
      return new Step(Kind.PEEK, 0);
    } else if (dice < 65) {
      int number = queue.isEmpty() ? -1 : random(queue);
      queue.remove((Integer) number);
      return new Step(Kind.REMOVE, number);
    } else if (dice < 90) {
      return block();
    } else if (dice < 95 && held < PERMITS) {
      held++;
      return new Step(Kind.ACQUIRE, 0);
    } else if (held > 0) {
      held--;
      return new Step(Kind.RELEASE, 0);
    }
    return new Step(Kind.PEEK, 0);
  }

  private Step put() {
    int number = nextElement++;
    if (queue.size() < BOUND) {
      queue.add(number);
    }
    return new Step(Kind.PUT, number);
  }

  private Step block() {
    if (!blocks.isEmpty() && (blocks.size() >= BLOCKS || random.nextBoolean())) {
      int index = random.nextInt(blocks.size());
      blocks.subList(index, index + 1).clear();
      return new Step(Kind.FREE, index);
    }
    int exponent = random.nextInt(18);
    int size = (1 << exponent) + random.nextInt(1 << exponent);
    blocks.add(size);
    return new Step(Kind.ALLOCATE, size);
  }

  private int random(ArrayDeque<Integer> numbers) {
    return numbers.stream().skip(random.nextInt(numbers.size())).findFirst().orElseThrow();
  }

  /** The numbers of the elements that the queue should hold, in order. */
  List<Integer> queue() {
    return List.copyOf(queue);
  }

  /** The bytes of an element: from 4 to some 50,000, most of them few. */
  static byte[] element(int number) {
    Random random = new Random(number * 7919L + 17);
    int dice = random.nextInt(10);
    int length = 4 + random.nextInt(dice < 7 ? 200 : dice < 9 ? 4200 : 50_000);
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    for (int i = 0; i < 4; i++) {
      bytes[i] = (byte) (number >>> (8 * i));
    }
    return bytes;
  }

  /** The number of an element. */
  static int number(byte[] element) {
    return (element[0] & 0xFF)
        | ((element[1] & 0xFF) << 8)
        | ((element[2] & 0xFF) << 16)
        | ((element[3] & 0xFF) << 24);
  }
}
