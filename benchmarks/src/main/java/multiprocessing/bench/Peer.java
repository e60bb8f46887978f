package multiprocessing.bench;

/** Who does the work of a row: a column of the report each, in this order. */
enum Peer {
  /** This library. */
  HERE("here"),
  /** CPython's {@code multiprocessing}, which the aims are about. */
  CPYTHON("CPython"),
  /** loky, the processes of joblib. */
  LOKY("loky"),
  /** workerpool, with processes of Node. */
  WORKERPOOL("workerpool"),
  /** PP4J, a pool of JVMs. */
  PP4J("PP4J"),
  /** What the JDK has for it. */
  JDK("JDK"),
  /** What the machine allows. */
  C("C");

  private final String title;

  Peer(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Whether it is a library that does what this one does, which should be behind. */
  boolean isRival() {
    return this != HERE && this != JDK && this != C;
  }

  /** Whether it is there to know it, and nothing depends on it. */
  boolean isInformation() {
    return this != HERE && this != CPYTHON;
  }
}
