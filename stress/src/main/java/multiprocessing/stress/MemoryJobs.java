package multiprocessing.stress;

import static multiprocessing.stress.Job.require;
import static multiprocessing.stress.ProcessJobs.end;
import static multiprocessing.stress.ProcessJobs.start;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import multiprocessing.memory.ShareableList;
import multiprocessing.memory.SharedArray;
import multiprocessing.memory.SharedMemory;
import multiprocessing.memory.SharedValue;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;

/** Shared memory that is made, used by others, and goes. */
final class MemoryJobs {
  private static final int ADDITIONS = 1_000;

  private MemoryJobs() {}

  /** Named memory is the same for who attaches to it, and goes though one is killed with it. */
  static void named(StartMethod method, Random random) throws Exception {
    int bytes = 1 + random.nextInt(200_000);
    try (SharedMemory memory = SharedMemory.create(bytes)) {
      String name = memory.name();
      try {
        ChildProcess child = start(method, () -> write(name));
        boolean killed = random.nextBoolean();
        if (killed) {
          TimeUnit.MICROSECONDS.sleep(random.nextInt(100_000));
          child.kill();
        }
        int code = end(child);
        require(code == 0 || (killed && code == -9), "exit code", code);
        byte last = memory.segment().get(ValueLayout.JAVA_BYTE, bytes - 1L);
        require(last == 42 || (killed && last == 0), "found", last);
      } finally {
        memory.unlink();
      }
    }
  }

  private static void write(String name) throws IOException {
    try (SharedMemory attached = SharedMemory.attach(name)) {
      attached.segment().set(ValueLayout.JAVA_BYTE, attached.size() - 1, (byte) 42);
    }
  }

  /** A list by its name: a child changes what this process reads. */
  static void list(StartMethod method, Random random) throws Exception {
    int number = random.nextInt();
    String name =
        "mp_soak_" + ProcessHandle.current().pid() + "_" + Thread.currentThread().threadId();
    try (ShareableList list = ShareableList.create(name, List.of(0L, "text", 1.5))) {
      try {
        ChildProcess child =
            start(
                method,
                () -> {
                  try (ShareableList attached = ShareableList.attach(name)) {
                    Object _ = attached.set(0, (long) number);
                    Object _ = attached.set(1, "t");
                  }
                });
        require(end(child) == 0, "the child failed");
        require(list.equals(List.of((long) number, "t", 1.5)), "found", list);
      } finally {
        list.unlink();
      }
    }
  }

  /** Sums that several make are whole, though the last one to add is killed. */
  static void numbers(StartMethod method, Random random) throws InterruptedException {
    SharedValue.OfLong sum = SharedValue.ofLong(0);
    SharedArray.OfInt counts = SharedArray.ofInts(3);
    List<ChildProcess> children = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int number = i;
      children.add(
          start(
              method,
              () -> {
                for (int round = 0; round < ADDITIONS; round++) {
                  long _ = sum.getAndAdd(1);
                  int _ = counts.getAndAdd(number, 1);
                }
              }));
    }
    TimeUnit.MICROSECONDS.sleep(random.nextInt(100_000));
    children.getLast().kill();
    for (ChildProcess child : children) {
      int code = end(child);
      require(code == 0 || child == children.getLast(), "exit code", code);
    }
    require(counts.get(0) == ADDITIONS && counts.get(1) == ADDITIONS, "found", counts);
    int all = counts.get(0) + counts.get(1) + counts.get(2);
    require(sum.get() == all || sum.get() == all + 1, "sum", sum.get(), "of", counts);
  }
}
