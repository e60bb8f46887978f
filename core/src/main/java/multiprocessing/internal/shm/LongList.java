package multiprocessing.internal.shm;

import java.util.Arrays;

/** Some longs. */
final class LongList {
  private long[] elements = new long[16];
  private int size;

  void add(long element) {
    if (size == elements.length) {
      elements = Arrays.copyOf(elements, size * 2);
    }
    elements[size++] = element;
  }

  int size() {
    return size;
  }

  long get(int index) {
    return elements[index];
  }
}
