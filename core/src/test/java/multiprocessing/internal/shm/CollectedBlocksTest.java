package multiprocessing.internal.shm;

import java.util.ArrayList;
import java.util.List;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** Blocks that nobody closes: the garbage collector has them given back while others are taken. */
@ProcessTest
class CollectedBlocksTest {
  private static final int BYTES = 4096;
  private static final int BLOCKS = 2_000;

  /** Takes blocks and forgets them, by two threads, while the collector runs. */
  private static void takeAndForget() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int block = 0; block < BLOCKS; block++) {
                      SharedBlock _ = SharedBlock.create(BYTES);
                    }
                  }));
    }
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        System.gc();
      }
    }
  }

  @Test
  @Proves(152)
  void areGivenBackWhileOthersAreTaken() throws InterruptedException {
    SerializableRunnable task = CollectedBlocksTest::takeAndForget;
    long before = TreeMemory.get().usedBytes();
    ChildProcess child = Children.start(StartMethod.FORKSERVER, task);
    task.run();
    Children.joinAll(child);
    Children.await(
        () -> {
          System.gc();
          return TreeMemory.get().usedBytes() <= before;
        });
  }
}
