package multiprocessing.pool;

import multiprocessing.internal.serial.Codec;
import org.jspecify.annotations.Nullable;

/**
 * Items of a stream on their way, and their outcomes as far as they are there; the outcomes are
 * used under the lock of the {@link StreamJob}.
 */
final class Batch {
  private final byte[] items;

  /** Items as the pieces of a message. */
  Batch(byte[] items) {
    this.items = items;
  }

  int bytes() {
    return items.length;
  }

  /** Copies all but the first {@code skip} items into a message. */
  void copyTo(Message.Builder message, int skip, int count) {
    Message.Pieces pieces = new Message.Pieces(items);
    for (int i = 0; i < skip + count && pieces.next(); i++) {
      if (i >= skip) {
        message.addWhole(items, pieces.start(), pieces.size());
      }
    }
  }

  @Nullable Object item(int index) {
    Message.Pieces pieces = new Message.Pieces(items);
    for (int i = 0; i <= index; i++) {
      if (!pieces.next()) {
        return null;
      }
    }
    try {
      return pieces.decode(Codec.shared());
    } catch (RuntimeException e) {
      return "of " + pieces.size() + " bytes";
    }
  }
}
