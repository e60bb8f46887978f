package multiprocessing.pool;

import java.io.Console;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Listeners that draw a progress bar for each map and stream of a pool, by the library {@code
 * me.tongfei:progressbar}, which a program that uses this class must have among its dependencies;
 * nothing else in this package needs it. The counterpart of wrapping {@code tqdm} around {@code
 * Pool.imap}.
 *
 * <p>
 *
 * {@snippet :
 * Multiprocessing.poolBuilder().progress(ProgressBars.onTerminal()).build();
 * }
 *
 * <p>A bar carries the name that the work has by {@link TaskOptions#name}. Where the number of
 * items is not known, it moves to and fro and tells how many are done. Each pool wants a listener
 * of its own.
 *
 * <h2>Cost</h2>
 *
 * A bar is drawn ten times a second at most, in a thread of that library, which holds up no task.
 */
public final class ProgressBars {
  private static final int EVERY_MILLIS = 100;
  private static final int LONGEST_NAME = 30;

  private ProgressBars() {}

  /**
   * Bars on standard error if the program has a terminal, and none otherwise.
   *
   * @return a listener for one pool
   * @throws IllegalStateException if the library that draws them is missing
   */
  public static ProgressListener onTerminal() {
    ProgressListener bars = bars(null);
    boolean watched = Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    return watched ? bars : _ -> {};
  }

  /**
   * Bars on a stream, whatever it leads to.
   *
   * @param out the stream
   * @return a listener for one pool
   * @throws IllegalStateException if the library that draws them is missing
   */
  public static ProgressListener on(PrintStream out) {
    return bars(Objects.requireNonNull(out));
  }

  private static ProgressListener bars(@Nullable PrintStream out) {
    try {
      return new Bars(out);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "progress bars are drawn by the library me.tongfei:progressbar, which is not on the class"
              + " or module path: add it to the dependencies, or write a ProgressListener",
          e);
    }
  }

  /** The only class that knows the library. */
  private static final class Bars implements ProgressListener {
    private final Map<Long, ProgressBar> bars = new HashMap<>();
    private final @Nullable PrintStream out; // null for the terminal

    Bars(@Nullable PrintStream out) {
      this.out = out;
      ProgressBarBuilder _ = new ProgressBarBuilder(); // is it there?
    }

    @Override
    public void progress(Progress progress) {
      ProgressBar bar;
      synchronized (bars) {
        bar = bars.computeIfAbsent(progress.job(), _ -> begin(progress));
        if (progress.ended()) {
          bars.remove(progress.job());
        }
      }
      bar.stepTo(progress.done());
      if (progress.ended()) {
        bar.maxHint(progress.total().orElse(progress.done()));
        bar.close();
      }
    }

    private ProgressBar begin(Progress progress) {
      ProgressBarBuilder builder =
          new ProgressBarBuilder()
              .setTaskName(name(progress))
              .setInitialMax(progress.total().orElse(-1))
              .setUpdateIntervalMillis(EVERY_MILLIS);
      if (out != null) {
        builder.setConsumer(new ConsoleProgressBarConsumer(out));
      }
      return builder.build();
    }

    /** Its name, unless that is what a lambda calls itself. */
    private static String name(Progress progress) {
      String name = progress.name();
      if (name.contains("$$Lambda")) {
        return "job " + progress.job();
      }
      return name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) + "…" : name;
    }
  }
}
