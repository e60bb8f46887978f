package multiprocessing.internal.shm;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import multiprocessing.internal.os.Guest;
import multiprocessing.internal.os.MachineMemory;
import multiprocessing.internal.os.SharedFile;
import multiprocessing.internal.sync.ProcessTable;
import org.jspecify.annotations.Nullable;

/**
 * The one memory that all processes of a tree map: whatever they share lies in it, so a place in
 * it, an offset, means the same to each of them.
 *
 * <p>The first process of the tree makes it on first use, children get its descriptor at their
 * start. It is anonymous ({@code memfd}): when the last process of the tree is gone, however it
 * went, nothing is left. Its size is half the memory that this process may use, or what the system
 * property {@code multiprocessing.sharedMemory} says (bytes, or with a suffix {@code k}, {@code m},
 * {@code g}); only the pages in use are taken from the machine, so {@code /dev/shm} and its size
 * have no part in it.
 */
public final class TreeMemory {
  /** Where what is; apart, since a process that only inherits the memory need not know. */
  private static final class Layout {
    private static final StructLayout HEADER =
        MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("magic"),
            ValueLayout.JAVA_LONG.withName("size"),
            ValueLayout.JAVA_LONG.withName("tree"),
            MemoryLayout.paddingLayout(40),
            MemoryLayout.sequenceLayout(Heap.HEAD_BYTES, ValueLayout.JAVA_BYTE).withName("heap"),
            MemoryLayout.paddingLayout(4096 - 64 - Heap.HEAD_BYTES),
            MemoryLayout.sequenceLayout(ProcessTable.BYTES, ValueLayout.JAVA_BYTE)
                .withName("processes"));

    static final long BYTES = HEADER.byteSize();
    static final long MAGIC = at("magic");
    static final long SIZE = at("size");
    static final long TREE = at("tree");
    static final long HEAP = at("heap");
    static final long PROCESSES = at("processes");

    private static long at(String name) {
      return HEADER.byteOffset(PathElement.groupElement(name));
    }
  }

  private static final long MAGIC = 0x4D_50_4A_56_4D_00_00_01L; // "MPJVM", layout version 1
  private static final String SIZE_PROPERTY = "multiprocessing.sharedMemory";
  private static final long PAGE = 4096;
  private static final long MARGIN = 1024 * 1024; // the smallest that is of any use
  private static final long LARGEST = 1L << 40; // what the places of a RecordLog can name

  private static final int NONE = -1;

  private static volatile @Nullable TreeMemory instance;

  /** The memory of the tree that this process was born into, until it needs it. */
  private static int inherited = NONE;

  private final int fd;
  private final MemorySegment segment;
  private final ProcessTable processes;
  private final Heap heap;
  private final Estate estate;

  private TreeMemory(int fd, MemorySegment segment) {
    this.fd = fd;
    this.segment = segment;
    this.processes = new ProcessTable(segment, Layout.PROCESSES);
    this.heap = new Heap(segment, fd, Layout.HEAP, Layout.BYTES, processes);
    this.estate = new Estate(segment, heap, processes);
  }

  /** The memory of this process's tree; made now if this is the tree's first process. */
  public static TreeMemory get() {
    TreeMemory memory = instance;
    return memory != null ? memory : createOnce();
  }

  private static synchronized TreeMemory createOnce() {
    TreeMemory memory = instance;
    if (memory == null) {
      memory = inherited == NONE ? create(configuredSize()) : map(inherited);
      memory.processes.enrol();
      Owners.sweep(); // a new tree: what programs before it have left is in nobody's care
      instance = memory;
    }
    return memory;
  }

  /** A new memory of its own, for {@link #get} and for tests. */
  static TreeMemory create(long bytes) {
    int fd = SharedFile.create("multiprocessing", bytes);
    SharedFile.reserve(fd, 0, Layout.BYTES);
    MemorySegment segment = SharedFile.map(fd, bytes);
    TreeMemory memory = new TreeMemory(fd, segment);
    segment.set(ValueLayout.JAVA_LONG, Layout.SIZE, bytes);
    segment.set(ValueLayout.JAVA_LONG, Layout.TREE, ThreadLocalRandom.current().nextLong());
    memory.heap.format();
    segment.set(ValueLayout.JAVA_LONG, Layout.MAGIC, MAGIC);
    return memory;
  }

  /**
   * Says that this process belongs to the tree whose memory {@code fd} is. It joins when it first
   * has to do with that: many a child never has, and is up sooner.
   *
   * @throws IllegalStateException if this process belongs to a tree already
   */
  public static synchronized void inherit(int fd) {
    if (instance != null || inherited != NONE) {
      throw new IllegalStateException("this process belongs to a tree already");
    }
    inherited = fd;
  }

  private static TreeMemory map(int fd) {
    MemorySegment header = SharedFile.map(fd, PAGE);
    long magic = header.get(ValueLayout.JAVA_LONG, Layout.MAGIC);
    long size = header.get(ValueLayout.JAVA_LONG, Layout.SIZE);
    SharedFile.unmap(header);
    if (magic != MAGIC) {
      throw new IllegalStateException(
          "the parent process uses another version of multiprocessing: its shared memory begins"
              + " with "
              + Long.toHexString(magic)
              + ", this version's with "
              + Long.toHexString(MAGIC));
    }
    return new TreeMemory(fd, SharedFile.map(fd, size));
  }

  /** Joins the tree again, as the process that came into being by a fork of one of the tree. */
  public static synchronized void attachForked() {
    Shipment.forked();
    TreeMemory memory = instance;
    if (memory != null && !memory.processes.isEnrolled()) {
      memory.processes.enrol();
      memory.estate.forked();
    }
  }

  private static long configuredSize() {
    String text = System.getProperty(SIZE_PROPERTY);
    long bytes = text == null ? MachineMemory.bytes() / 2 : parse(text);
    return Math.clamp(bytes, Layout.BYTES + MARGIN, LARGEST) & -PAGE;
  }

  private static long parse(String text) {
    int last = text.length() - 1;
    int shift =
        switch (text.isEmpty() ? ' ' : text.charAt(last)) {
          case 'k', 'K' -> 10;
          case 'm', 'M' -> 20;
          case 'g', 'G' -> 30;
          default -> 0;
        };
    try {
      long number = Long.parseLong(shift == 0 ? text : text.substring(0, last));
      return Math.multiplyExact(number, 1L << shift);
    } catch (NumberFormatException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "-D"
              + SIZE_PROPERTY
              + "="
              + text
              + " is not a size; write bytes, or for example 512m or 2g",
          e);
    }
  }

  /** The descriptor to hand to a child. */
  public int fd() {
    return fd;
  }

  /** The whole of it; offsets count from its start. */
  public MemorySegment segment() {
    return segment;
  }

  /** Who belongs to the tree. */
  public ProcessTable processes() {
    return processes;
  }

  /** A number that tells this tree from every other. */
  public long tree() {
    return segment.get(ValueLayout.JAVA_LONG, Layout.TREE);
  }

  /**
   * Takes a block, to be handed on with {@link #give} or given back with {@link #free}; if this
   * process dies before either, the block is swept. What is in it is left from earlier use.
   *
   * @return its offset, a multiple of 64
   * @throws multiprocessing.error.SharedMemoryExhaustedException if there is no room
   */
  public long allocate(long bytes) {
    return heap.allocate(bytes);
  }

  /**
   * The same, for a block that is to be given to {@code container}, which {@link #give} then does
   * without a lock; or freed before.
   */
  public long allocate(long bytes, long container) {
    return heap.allocate(bytes, container - Block.HEADER_BYTES);
  }

  /** Gives a block back that no other block was given to. */
  public void free(long offset) {
    boolean whole = false;
    heap.lock();
    try {
      heap.free(offset - Block.HEADER_BYTES);
      whole = true;
    } finally {
      heap.unlock(whole);
    }
  }

  /** Makes a block part of another: it is freed with that one at the latest. */
  public void give(long offset, long container) {
    Block blocks = heap.blocks();
    long block = offset - Block.HEADER_BYTES;
    long home = container - Block.HEADER_BYTES;
    if (blocks.home(block) != home) {
      boolean whole = false;
      heap.lock();
      try {
        heap.lodge(block, home);
        whole = true;
      } finally {
        heap.unlock(whole);
      }
    }
    blocks.setContainer(block, home);
  }

  /** Takes a block out of its container; it belongs to this process from now on. */
  public void adopt(long offset) {
    heap.blocks().setOwner(offset - Block.HEADER_BYTES, processes.home());
  }

  /** Each block in use, and why it is. */
  public List<BlockUse> uses() {
    return estate.uses();
  }

  /** Bytes in blocks that are in use, their headers included. */
  public long usedBytes() {
    heap.lock();
    try {
      return heap.usedBytes();
    } finally {
      heap.unlock(true);
    }
  }

  /** Makes a guest of this process one of the tree, by the thread that it is. */
  public void enrol(Guest guest) {
    processes.enrol(guest);
  }

  /** How many bytes of free blocks keep their pages. */
  long retainedBytes() {
    return heap.retained();
  }

  /** Cleans up behind a process of the tree that was seen to be dead. */
  public void processDied(long pid) {
    estate.settle(pid);
    Owners.sweep(pid);
  }

  Estate estate() {
    return estate;
  }
}
