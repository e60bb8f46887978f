package multiprocessing.internal.shm;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;

/**
 * What travels in the place of an object that is a block with methods to it. Subclasses make the
 * object anew when they arrive.
 *
 * <p>They are no records, and nothing that a child reads at its start is: a fresh virtual machine
 * takes some 40 ms to make what reads its first record.
 */
public abstract class SentBlock implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final SharedBlock.Handle handle;

  /** Sends a block, which the receiver will hold. */
  protected SentBlock(SharedBlock block) {
    handle = block.export();
  }

  /**
   * The block, which this process holds from now on.
   *
   * @throws InvalidObjectException if it is of another tree, or is gone
   */
  protected final SharedBlock arrive() throws InvalidObjectException {
    return handle.attach();
  }
}
