package multiprocessing.bench;

import java.time.Duration;

/** What sides are written in. */
enum Program {
  /** A virtual machine of this JDK, with this class path. */
  JAVA("Java", Duration.ofSeconds(1)),
  /** The {@code python3} of the path. */
  PYTHON("Python", Duration.ofMillis(200)),
  /** The same with joblib, which has loky inside; fetched for the run. */
  LOKY("joblib", Duration.ofMillis(200)),
  /** The {@code node} of the path, with workerpool; fetched for the run. */
  NODE("Node", Duration.ofMillis(500)),
  /** A program that is compiled for the run. */
  C("C", Duration.ofMillis(50));

  private final String title;
  private final Duration warmUp;

  Program(String title, Duration warmUp) {
    this.title = title;
    this.warmUp = warmUp;
  }

  String title() {
    return title;
  }

  /** Returns how long it works before anything is measured, in a quick run. */
  Duration warmUp() {
    return warmUp;
  }
}
