package multiprocessing.bench;

import java.time.Duration;

/** What sides are written in. */
enum Program {
  /** A virtual machine of this JDK, with this class path. */
  JAVA(Duration.ofSeconds(1)),
  /** The {@code python3} of the path. */
  PYTHON(Duration.ofMillis(200)),
  /** A program that is compiled for the run. */
  C(Duration.ofMillis(50));

  private final Duration warmUp;

  Program(Duration warmUp) {
    this.warmUp = warmUp;
  }

  /** Returns how long it works before anything is measured, in a quick run. */
  Duration warmUp() {
    return warmUp;
  }
}
