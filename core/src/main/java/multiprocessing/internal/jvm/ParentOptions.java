package multiprocessing.internal.jvm;

import java.util.ArrayList;
import java.util.List;

/**
 * Which options of this process's own virtual machine its children get: those that change what
 * classes mean or may do. Not those for memory and collectors (a child is not as big as its
 * parent), nor agents, debuggers and JMX (their ports and files are taken).
 */
record ParentOptions(List<String> inherited, List<String> nativeAccess) {
  private static final String NATIVE_ACCESS = "--enable-native-access=";

  private static final String[] INHERITED = {
    "-D",
    "-ea",
    "-da",
    "-esa",
    "-dsa",
    "-enableassertions",
    "-disableassertions",
    "-enablesystemassertions",
    "-disablesystemassertions",
    "--enable-preview",
    "--add-exports",
    "--add-modules",
    "--add-opens",
    "--add-reads",
    "--limit-modules",
    "--patch-module",
    "--upgrade-module-path",
    "--illegal-native-access",
    "--finalization",
    "-Xbootclasspath/a:"
  };

  private static final String[] NOT_INHERITED = {
    "-Djava.class.path=",
    "-Djava.home=",
    "-Djdk.module.",
    "-Dcom.sun.management",
    "-Dsun.java.",
    "-Duser.dir=",
    "-Duser.timezone=",
    "-Dstdout.encoding=",
    "-Dstderr.encoding=",
    "-Dmultiprocessing.helper="
  };

  private static final class Holder {
    static final ParentOptions OPTIONS = of(LauncherArguments.ofThisProcess());
  }

  static ParentOptions get() {
    return Holder.OPTIONS;
  }

  static ParentOptions of(List<String> options) {
    List<String> inherited = new ArrayList<>();
    List<String> nativeAccess = new ArrayList<>();
    for (String option : options) {
      if (option.startsWith(NATIVE_ACCESS)) {
        nativeAccess.addAll(List.of(option.substring(NATIVE_ACCESS.length()).split(",", -1)));
      } else if (startsWithAny(option, INHERITED) && !startsWithAny(option, NOT_INHERITED)) {
        inherited.add(option);
      }
    }
    return new ParentOptions(inherited, nativeAccess);
  }

  private static boolean startsWithAny(String option, String[] prefixes) {
    for (String prefix : prefixes) {
      if (option.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }
}
