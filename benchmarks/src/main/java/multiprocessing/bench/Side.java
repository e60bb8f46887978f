package multiprocessing.bench;

/**
 * One that does the work of a row.
 *
 * @param peer who it is
 * @param what what it does, where that is not what the row says; may be empty
 * @param program what does the work
 * @param work the name of the work in that program
 */
record Side(Peer peer, String what, Program program, String work) {
  static Side ours(String work) {
    return new Side(Peer.HERE, "", Program.JAVA, work);
  }

  static Side cpython(String work) {
    return new Side(Peer.CPYTHON, "", Program.PYTHON, work);
  }

  static Side loky(String work) {
    return new Side(Peer.LOKY, "", Program.LOKY, work);
  }

  static Side workerpool(String what, String work) {
    return new Side(Peer.WORKERPOOL, what, Program.NODE, work);
  }

  static Side pp4j(String what, String work) {
    return new Side(Peer.PP4J, what, Program.JAVA, "pp4j-" + work);
  }

  /** A limit of the machine. */
  static Side limit(String what, String work) {
    return new Side(Peer.C, what, Program.C, work);
  }

  /** What the report calls it. */
  String label() {
    return what.isEmpty() ? peer.title() : peer.title() + ": " + what;
  }
}
