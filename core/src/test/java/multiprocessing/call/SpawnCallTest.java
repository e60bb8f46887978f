package multiprocessing.call;

import multiprocessing.process.StartMethod;
import org.junit.jupiter.api.Test;

/** Calls in a process that is a fresh virtual machine. */
final class SpawnCallTest extends RealCallContract {
  SpawnCallTest() {
    super(StartMethod.SPAWN);
  }

  @Test
  void theTaskMustTravel() {
    assertMustTravel(method);
  }
}
