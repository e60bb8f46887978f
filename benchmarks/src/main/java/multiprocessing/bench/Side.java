package multiprocessing.bench;

/**
 * Who does the work of a row.
 *
 * @param label what the report calls it
 * @param role what it is measured for
 * @param program what does the work
 * @param work the name of the work in that program
 */
record Side(String label, Role role, Program program, String work) {
  /** What a side is measured for. */
  enum Role {
    /** This library. */
    OURS,
    /** What the aim is about. */
    BASELINE,
    /** To know it. */
    INFORMATION
  }

  static Side ours(String work) {
    return new Side("here", Role.OURS, Program.JAVA, work);
  }

  static Side cpython(String work) {
    return new Side("CPython", Role.BASELINE, Program.PYTHON, work);
  }

  static Side information(String label, Program program, String work) {
    return new Side(label, Role.INFORMATION, program, work);
  }
}
