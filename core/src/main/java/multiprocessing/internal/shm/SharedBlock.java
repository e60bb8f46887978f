package multiprocessing.internal.shm;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import multiprocessing.internal.os.ForkLock;
import multiprocessing.internal.os.SharedFile;
import multiprocessing.internal.sync.ProcessTable;
import org.jspecify.annotations.Nullable;

/**
 * A block of the tree's memory that an object of this process stands for, such as a lock or a
 * queue.
 *
 * <p>As long as its {@link #segment()} is reachable, here or in any process that the block was sent
 * to, the block stays; afterwards it is freed by itself. What happens when a process dies is told
 * at {@link Estate}.
 */
public final class SharedBlock {
  private static final Cleaner CLEANER = Cleaner.create();

  // One object for a block in each process, so that a handle that comes back is the same block.
  private static final Map<Handle, WeakReference<SharedBlock>> KNOWN = new HashMap<>();

  // Guards KNOWN. Held while this process is forked, so that the child finds it whole.
  private static final ForkLock KNOWING = new ForkLock();

  // Held while a block is let go of, and while this process is forked: the cleaner's thread goes on
  // in a fork, and would do there a second time what it had begun, or was about to do, for both.
  private static final ForkLock LETTING_GO = new ForkLock();

  private final TreeMemory memory;
  private final MemorySegment view;
  private final Handle handle;
  private final LettingGo lettingGo;
  private final Cleaner.Cleanable letGo;
  private boolean isScratch;

  private SharedBlock(TreeMemory memory, Handle handle, long entry) {
    this.memory = memory;
    this.handle = handle;
    this.view = SharedFile.view(memory.segment());
    this.lettingGo = new LettingGo(memory, handle, entry);
    this.letGo = CLEANER.register(view.scope(), lettingGo);
  }

  /** A new block of {@code bytes} zeros, owned by this process. */
  public static SharedBlock create(long bytes) {
    TreeMemory memory = TreeMemory.get();
    long offset = memory.allocate(bytes);
    memory.segment().asSlice(offset, bytes).fill((byte) 0);
    Handle handle = new Handle(memory.tree(), offset, memory.estate().stamp(offset));
    SharedBlock block = new SharedBlock(memory, handle, 0);
    KNOWING.lock();
    try {
      KNOWN.put(handle, new WeakReference<>(block));
    } finally {
      KNOWING.unlock();
    }
    Scratch scratch = Scratch.current;
    if (scratch != null) {
      block.isScratch = true;
      scratch.blocks.add(block);
    }
    return block;
  }

  /**
   * While it is open, the blocks that are made by this process are for a rehearsal: they are freed
   * at its end, or when the process dies, even if handles of them went out, since nobody else has
   * these.
   */
  public static final class Scratch implements AutoCloseable {
    private static volatile @Nullable Scratch current;

    private final List<SharedBlock> blocks = new ArrayList<>();

    /** Opens one; not two at a time. */
    public Scratch() {
      current = this;
    }

    @Override
    public void close() {
      current = null;
      blocks.forEach(SharedBlock::close);
    }
  }

  private static SharedBlock attach(Handle handle) throws InvalidObjectException {
    TreeMemory memory = TreeMemory.get();
    if (handle.tree() != memory.tree()) {
      throw new InvalidObjectException(
          "a shared object came from another tree of processes; locks, queues and shared memory"
              + " can be used only by the process that made them, its ancestors and descendants");
    }
    KNOWING.lock();
    try {
      WeakReference<SharedBlock> known = KNOWN.get(handle);
      SharedBlock block = known == null ? null : known.get();
      if (block == null) {
        long entry = memory.estate().hold(handle.offset(), handle.stamp());
        if (entry == 0) {
          throw new InvalidObjectException(
              "a shared object is gone: the process that made it has let go of it, and nobody else"
                  + " held it when this handle arrived; keep it in a field of its maker");
        }
        block = new SharedBlock(memory, handle, entry);
        KNOWN.put(handle, new WeakReference<>(block));
      }
      return block;
    } finally {
      KNOWING.unlock();
    }
  }

  /**
   * The blocks of this process, before it is forked: the child holds them all if it is given this
   * list. The caller keeps a {@link Shipment} of them until then.
   */
  public static List<SharedBlock> known() {
    List<SharedBlock> blocks = new ArrayList<>();
    KNOWING.lock();
    try {
      for (WeakReference<SharedBlock> known : KNOWN.values()) {
        SharedBlock block = known.get();
        if (block != null) {
          blocks.add(block);
        }
      }
    } finally {
      KNOWING.unlock();
    }
    return blocks;
  }

  /**
   * Takes hold of what the process held of which this one is a fork, and of nothing else that is
   * known: that was made after the list. From now on this process can make blocks, and receive
   * them.
   */
  public static void holdForked(List<SharedBlock> blocks) {
    KNOWN.clear();
    for (SharedBlock block : blocks) {
      long entry = block.memory.estate().hold(block.handle.offset(), block.handle.stamp());
      block.lettingGo.holdAs(block.memory, entry);
      if (entry != 0) {
        KNOWN.put(block.handle, new WeakReference<>(block));
      }
    }
    KNOWING.unlock();
  }

  /**
   * In a fork that was given no list: what it has stays, though it does not hold that. From now on
   * it can make blocks, and receive them.
   */
  public static void holdNone() {
    KNOWING.unlock();
  }

  /** This process is about to be forked: from now on nobody lets go of a block. */
  public static void holdBack() {
    LETTING_GO.lock();
    KNOWING.lock();
  }

  /**
   * The same for a fork that is not given the list of {@link #known}: it holds nothing, and may
   * become a process of the tree when this one is gone; so what this one has now stays.
   */
  public static void bequeath() {
    holdBack();
    known().forEach(block -> block.memory.estate().bequeath(block.handle.offset()));
  }

  /** The fork is over; in the child, it has become a process of the tree. */
  public static void goOn() {
    for (ForkLock lock : List.of(KNOWING, LETTING_GO)) {
      if (lock.isHeldByCurrentThread()) { // else this process is no fork, or has given it back
        lock.unlock();
      }
    }
  }

  /** Where the block begins in {@link #segment()}. */
  public long offset() {
    return handle.offset();
  }

  /** The tree's memory. As long as this segment is in use, the block stays. */
  public MemorySegment segment() {
    return view;
  }

  /** The memory the block lies in. */
  public TreeMemory memory() {
    return memory;
  }

  /** Who belongs to the tree. */
  public ProcessTable processes() {
    return memory.processes();
  }

  /** The id of the calling process, which may be one of several in this virtual machine. */
  public int user() {
    return memory.processes().self();
  }

  /**
   * What stands for the block in a message to another process of the tree. That of a block that
   * this process does not hold, or any more, is nobody's: its place may be another one's.
   */
  public Handle export() {
    KNOWING.lock();
    try {
      if (!isScratch && isListed(handle, this)) {
        memory.estate().export(handle.offset());
      }
    } finally {
      KNOWING.unlock();
    }
    return handle;
  }

  Handle handle() {
    return handle;
  }

  /** Lets go of the block now; nothing of this process may use it any more. */
  public void close() {
    unlist(handle, this); // from here on it is not exported any more
    letGo.clean();
  }

  /** Takes a handle off the list of what is known, unless it stands for another object by now. */
  private static void unlist(Handle handle, @Nullable SharedBlock block) {
    KNOWING.lock();
    try {
      if (isListed(handle, block)) {
        KNOWN.remove(handle);
      }
    } finally {
      KNOWING.unlock();
    }
  }

  private static boolean isListed(Handle handle, @Nullable SharedBlock block) {
    WeakReference<SharedBlock> known = KNOWN.get(handle);
    return known != null && known.refersTo(block);
  }

  @Override
  public String toString() {
    return name(handle.offset(), handle.stamp());
  }

  /** What a block is called, here and in reports: its place, and what tells this use of it. */
  static String name(long offset, long stamp) {
    return Long.toHexString(offset) + "." + stamp;
  }

  /** What stands for a block in a message; no record, see {@link SentBlock}. */
  public static final class Handle implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final long tree;
    private final long offset;
    private final long stamp;

    /**
     * A handle of a block.
     *
     * @param tree number of the tree of processes
     * @param offset place of the block
     * @param stamp tells the block from others that were at the same place before
     */
    public Handle(long tree, long offset, long stamp) {
      this.tree = tree;
      this.offset = offset;
      this.stamp = stamp;
    }

    /** The number of the tree of processes. */
    public long tree() {
      return tree;
    }

    /** The place of the block. */
    public long offset() {
      return offset;
    }

    /** What tells the block from others at the same place. */
    public long stamp() {
      return stamp;
    }

    /**
     * The block, which this process holds from now on.
     *
     * @throws InvalidObjectException if it is of another tree, or is gone
     */
    public SharedBlock attach() throws InvalidObjectException {
      return SharedBlock.attach(this);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Handle that
          && tree == that.tree
          && offset == that.offset
          && stamp == that.stamp;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(31 * (31 * tree + offset) + stamp);
    }

    @Serial
    private Object writeReplace() {
      Shipment.add(this);
      return this;
    }
  }

  /** Runs when no object of this process stands for the block any more. */
  private static final class LettingGo implements Runnable {
    private static final long GONE = -1;

    private final TreeMemory memory;
    private final Handle handle;
    private int holder;
    private long entry;

    LettingGo(TreeMemory memory, Handle handle, long entry) {
      this.memory = memory;
      this.handle = handle;
      this.holder = memory.processes().home();
      this.entry = entry;
    }

    /** Said in a fork of the process that held the block: this one holds it, too. */
    void holdAs(TreeMemory memory, long entry) {
      holder = memory.processes().home();
      this.entry = entry == 0 ? GONE : entry;
    }

    @Override
    public void run() {
      LETTING_GO.lock();
      try {
        letGo();
      } finally {
        LETTING_GO.unlock();
      }
    }

    private void letGo() {
      unlist(handle, null);
      if (holder != memory.processes().home() || entry == GONE) {
        return; // it is for the process to say of which this one was forked
      }
      if (entry == 0) {
        memory.estate().release(handle.offset());
      } else {
        memory.estate().drop(handle.offset(), entry);
      }
    }
  }
}
