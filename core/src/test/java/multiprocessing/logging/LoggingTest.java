package multiprocessing.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import multiprocessing.internal.session.Log;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The library's logger, within one process. */
final class LoggingTest {
  private final List<LogRecord> records = new ArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @AfterEach
  void silence() {
    Logging.logger().removeHandler(handler);
    Logging.logger().setLevel(Level.OFF);
  }

  @Test
  void itIsOneLoggerThatKeepsToItself() {
    Logger logger = Logging.logger();
    assertSame(logger, Logging.logger());
    assertSame(logger, Logger.getLogger("multiprocessing"));
    assertFalse(logger.getUseParentHandlers());
    assertEquals(Level.OFF, logger.getLevel());
    assertFalse(Log.wants(Log.ERROR));
  }

  @Test
  @Proves(175)
  void theLibraryTalksThroughItFromItsLevelUp() {
    Logging.logger().addHandler(handler);
    Logging.logger().setLevel(LogLevel.INFO);
    Log.debug("too low");
    Log.info("{0} as it is");
    Log.warning("high");
    assertEquals(2, records.size());
    assertEquals("{0} as it is", records.get(0).getMessage());
    assertEquals(Level.INFO, records.get(0).getLevel());
    assertEquals("multiprocessing", records.get(0).getLoggerName());
    assertEquals(LogLevel.WARNING, records.get(1).getLevel());
  }

  @Test
  void levelsAreInPythonsOrderUnderPythonsNames() {
    List<Level> levels =
        List.of(
            LogLevel.SUBDEBUG,
            LogLevel.DEBUG,
            LogLevel.INFO,
            LogLevel.SUBWARNING,
            LogLevel.WARNING,
            LogLevel.ERROR);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < levels.size(); i++) {
      names.add(LogLevel.nameOf(levels.get(i)));
      assertTrue(i == 0 || levels.get(i).intValue() > levels.get(i - 1).intValue());
      assertSame(levels.get(i), LogLevel.of(levels.get(i).intValue()));
    }
    assertEquals(List.of("SUBDEBUG", "DEBUG", "INFO", "SUBWARNING", "WARNING", "ERROR"), names);
    assertEquals("CONFIG", LogLevel.nameOf(Level.CONFIG));
  }

  @Test
  void aLineIsPythons() {
    assertEquals(
        "[INFO/MainProcess] child process calling self.run()" + System.lineSeparator(),
        Log.format("INFO", "child process calling self.run()"));
  }
}
