package multiprocessing.connection;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.NotSerializableException;
import java.io.Serial;
import java.io.Serializable;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.wire.Lease;
import multiprocessing.internal.wire.Luggage;
import multiprocessing.internal.wire.Sharer;
import org.jspecify.annotations.Nullable;

/**
 * What stands for a descriptor in a message: its number among those that travel beside the message,
 * or a claim to one that its sender keeps, where the message goes by a way that carries bytes only.
 */
final class Passage implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final int number;
  private final Sharer.@Nullable Claim claim;

  /**
   * A passage.
   *
   * @param number the number; -1 where there is a claim
   * @param claim the claim; null where there is a number
   */
  private Passage(int number, Sharer.@Nullable Claim claim) {
    this.number = number;
    this.claim = claim;
  }

  /** Books a passage for a copy of a descriptor. */
  static Passage book(Lease lease, Object owner) throws NotSerializableException {
    if (!lease.enter()) {
      throw new NotSerializableException("it is closed, and cannot be sent: " + owner);
    }
    try {
      int number = Luggage.add(lease.descriptor());
      return new Passage(number, number < 0 ? Sharer.keep(lease.descriptor()) : null);
    } catch (OsException e) {
      throw new NotSerializableException("it cannot be sent: " + e.getMessage());
    } finally {
      lease.leave();
    }
  }

  /** Takes the descriptor, which belongs to the caller. */
  int arrive() throws InvalidObjectException {
    if (claim == null) {
      int descriptor = Luggage.take(number);
      if (descriptor < 0) {
        throw new InvalidObjectException(
            "the connection is not here any more: a message that holds one can be read only once");
      }
      return descriptor;
    }
    try {
      return claim.redeem();
    } catch (IOException e) {
      throw new InvalidObjectException(e.getMessage(), e);
    }
  }
}
