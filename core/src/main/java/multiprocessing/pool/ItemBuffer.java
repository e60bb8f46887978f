package multiprocessing.pool;

import java.util.Arrays;
import multiprocessing.internal.serial.Payload;

/** Encoded items in a row, put at one end and taken in batches at the other. */
final class ItemBuffer {
  private static final int SMALLEST = 1024;

  private final Message.Builder incoming = new Message.Builder();
  private byte[] bytes = new byte[SMALLEST];
  private int head;
  private int tail;
  private int count;

  int count() {
    return count;
  }

  int bytes() {
    return tail - head;
  }

  /** Appends an item; gives its size. */
  int add(Payload item) {
    incoming.begin(Message.ITEMS, 0, 0).add((byte) 0, item);
    int size = incoming.length() - Message.HEAD;
    if (bytes.length - tail < size) {
      int used = tail - head;
      byte[] target = used + size > bytes.length / 2 ? new byte[(used + size) * 2] : bytes;
      System.arraycopy(bytes, head, target, 0, used);
      bytes = target;
      head = 0;
      tail = used;
    }
    System.arraycopy(incoming.bytes(), Message.HEAD, bytes, tail, size);
    tail += size;
    count++;
    incoming.shrinkIfLarge();
    return size;
  }

  /** Takes the first {@code number} items, or all if there are less, as a message. */
  byte[] take(int number) {
    int end = head;
    int taken = 0;
    while (taken < number && end < tail) {
      end += 5 + Message.intAt(bytes, end + 1);
      taken++;
    }
    byte[] message = new byte[Message.HEAD + end - head];
    System.arraycopy(bytes, head, message, Message.HEAD, end - head);
    head = end;
    count -= taken;
    if (head == tail) {
      head = 0;
      tail = 0;
      if (bytes.length > SMALLEST * 64) {
        bytes = new byte[SMALLEST];
      }
    }
    return message;
  }

  void clear() {
    head = 0;
    tail = 0;
    count = 0;
    bytes = Arrays.copyOf(bytes, SMALLEST);
  }
}
