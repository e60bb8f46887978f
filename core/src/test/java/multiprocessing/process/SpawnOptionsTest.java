package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import org.junit.jupiter.api.Test;

/** What a child has that is a fresh virtual machine. */
final class SpawnOptionsTest extends MachineOptionsContract {
  SpawnOptionsTest() {
    super(StartMethod.SPAWN);
  }

  @Test
  void aVeryLongClassPathFits() throws Exception {
    String classPath = System.getProperty("java.class.path");
    StringBuilder longer = new StringBuilder(classPath);
    for (int i = 0; longer.length() < 400_000; i++) {
      longer
          .append(File.pathSeparator)
          .append(folder)
          .append("/there is \"no\" such jar-")
          .append(i);
    }
    try {
      System.setProperty("java.class.path", longer.toString());
      int length = Integer.parseInt(ask(() -> "" + System.getProperty("java.class.path").length()));
      assertTrue(length >= longer.length(), "" + length);
    } finally {
      System.setProperty("java.class.path", classPath);
    }
  }
}
