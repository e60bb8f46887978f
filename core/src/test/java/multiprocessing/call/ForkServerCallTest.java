package multiprocessing.call;

import multiprocessing.process.StartMethod;
import org.junit.jupiter.api.Test;

/** Calls in a process that is a fork of the zygote. */
final class ForkServerCallTest extends RealCallContract {
  ForkServerCallTest() {
    super(StartMethod.FORKSERVER);
  }

  @Test
  void theTaskMustTravel() {
    assertMustTravel(method);
  }
}
