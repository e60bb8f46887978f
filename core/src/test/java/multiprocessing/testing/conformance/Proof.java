package multiprocessing.testing.conformance;

/**
 * A test that says that it proves a row.
 *
 * @param runs the class that runs it, by its full name
 * @param declares the class that has the method: the same, or a contract suite that it extends
 * @param method the test method
 * @param isLong whether it is left out of the ordinary build
 */
record Proof(String runs, String declares, String method, boolean isLong) {
  /** As {@link ExecutedTests} writes it. */
  String test() {
    return runs + "#" + method;
  }

  /** The test as people call it: {@code LockContract.locksAndUnlocks}. */
  String name() {
    return simple(declares) + "." + method;
  }

  /** What is told beside the name: by what the children are started, or which class it is. */
  String variant() {
    if (runs.equals(declares)) {
      return "";
    }
    String subclass = simple(runs);
    subclass = subclass.substring(subclass.lastIndexOf('.') + 1);
    if (subclass.startsWith("Spawn")) {
      return "spawn";
    }
    if (subclass.startsWith("ForkServer")) {
      return "forkserver";
    }
    if (subclass.startsWith("Fork")) {
      return "fork";
    }
    return subclass.startsWith("InProcess") ? "in process" : subclass;
  }

  private static String simple(String name) {
    return name.substring(name.lastIndexOf('.') + 1).replace('$', '.');
  }
}
