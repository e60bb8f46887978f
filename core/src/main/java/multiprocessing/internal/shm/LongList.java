package multiprocessing.internal.shm;

import java.util.Arrays;

/** Some longs, in the order in which they were added until it is asked what is among them. */
final class LongList {
  private long[] elements = new long[16];
  private int size;
  private boolean sorted;

  void add(long element) {
    if (size == elements.length) {
      elements = Arrays.copyOf(elements, size * 2);
    }
    elements[size++] = element;
    sorted = false;
  }

  boolean contains(long element) {
    if (!sorted) {
      Arrays.sort(elements, 0, size);
      sorted = true;
    }
    return Arrays.binarySearch(elements, 0, size, element) >= 0;
  }

  int size() {
    return size;
  }

  long get(int index) {
    return elements[index];
  }
}
