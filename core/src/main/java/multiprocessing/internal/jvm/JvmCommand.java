package multiprocessing.internal.jvm;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;
import multiprocessing.internal.os.ForkHelper;
import org.jspecify.annotations.Nullable;

/** The command line of a child's virtual machine. */
public final class JvmCommand {
  private static final String MODULE = "multiprocessing";

  /** The JDK whose virtual machine is known to have that diagnostic option. */
  private static final int RELOCATION_KNOWN = 25;

  private static final boolean NAMED = JvmCommand.class.getModule().isNamed();

  private JvmCommand() {}

  private static volatile @Nullable String java;

  /** The zone that was last asked for, which is at each start: it hardly ever changes. */
  private static volatile @Nullable Zone lastZone;

  private record Zone(TimeZone zone, String text) {}

  /**
   * The program of the virtual machine: that of the JDK that runs this process, unless it was set.
   */
  public static String java() {
    String chosen = java;
    return chosen != null ? chosen : System.getProperty("java.home") + "/bin/java";
  }

  /** Sets the program; null for that of this process. */
  public static void setJava(@Nullable String path) {
    java = path;
  }

  /** Whether children run on the JDK that runs this process. */
  public static boolean isOwnJava() {
    return java == null;
  }

  /** What comes before the class path and the user's own options. */
  public static List<String> options(List<String> userOptions) {
    List<String> options = new ArrayList<>();
    if (!choosesCollector(userOptions)) {
      options.add("-XX:+UseSerialGC");
      if (!choosesHeap(userOptions)) {
        // A small young generation stays in the caches: what is taken out of a queue is written
        // there, twice as fast as to fresh memory. It grows with the old one.
        options.add("-XX:NewSize=32m");
      }
    }
    lean(options);
    options.addAll(ParentOptions.get().inherited());
    identity(options);
    options.addAll(moduleOptions());
    return options;
  }

  /** The part of {@link #options} that decides which classes there are, and what they may do. */
  static List<String> moduleOptions() {
    ParentOptions parent = ParentOptions.get();
    Set<String> natives = new LinkedHashSet<>();
    natives.add(NAMED ? MODULE : "ALL-UNNAMED");
    natives.addAll(parent.nativeAccess());
    return List.of(
        "--enable-native-access=" + String.join(",", natives),
        "--sun-misc-unsafe-memory-access=allow");
  }

  /** Where the child finds the classes that this process finds. */
  public static List<String> path() {
    List<String> options = new ArrayList<>();
    String classPath = System.getProperty("java.class.path", "");
    if (NAMED) {
      option(options, "--module-path", absolute(System.getProperty("jdk.module.path", "")));
      option(options, "--add-modules", System.getProperty("jdk.module.main", ""));
      option(options, "--class-path", absolute(classPath));
    } else {
      // The library's own jars go first: an AOT cache is good for every class path that begins with
      // the one that it was made for.
      Set<String> entries = new LinkedHashSet<>(libraryPath());
      entries.addAll(List.of(absolute(classPath).split(File.pathSeparator, -1)));
      option(options, "--class-path", String.join(File.pathSeparator, entries));
    }
    return options;
  }

  /** The library itself and what it needs, each a jar or a directory. */
  public static List<String> libraryPath() {
    List<String> entries = new ArrayList<>();
    for (String className : new String[] {JvmCommand.class.getName(), "org.apache.fory.Fory"}) {
      try {
        entries.add(
            LibraryJars.of(Class.forName(className, false, JvmCommand.class.getClassLoader())));
      } catch (ClassNotFoundException e) {
        // a dependency that this program does without
      }
    }
    return entries;
  }

  /** Whether the library is a named module here. */
  static boolean isModular() {
    return NAMED;
  }

  /** The main class, and the name of the child for those who look at the list of processes. */
  public static List<String> main(Class<?> type, String name) {
    String main = type.getName();
    return NAMED ? List.of("--module", MODULE + "/" + main, name) : List.of(main, name);
  }

  /** Two collectors are refused, even if the second is told last. */
  private static boolean choosesCollector(List<String> userOptions) {
    for (String option : userOptions) {
      if (option.startsWith("-XX:+Use") && option.endsWith("GC")) {
        return true;
      }
    }
    return false;
  }

  private static boolean choosesHeap(List<String> userOptions) {
    for (String option : userOptions) {
      if (option.startsWith("-Xm") || option.startsWith("-XX:NewSize")) {
        return true;
      }
    }
    return false;
  }

  /** Small and quick to start; what the virtual machine has to say goes to standard error. */
  private static void lean(List<String> arguments) {
    arguments.add("-XX:-UsePerfData");
    if (Runtime.version().feature() == RELOCATION_KNOWN) {
      // The archives of classes stay where they were made for: 6 ms less than moving them to a
      // place of chance, and their pages are shared by all children.
      arguments.add("-XX:+UnlockDiagnosticVMOptions");
      arguments.add("-XX:ArchiveRelocationMode=0");
    }
    arguments.add("-XX:+DisplayVMOutputToStderr");
    arguments.add("-Xlog:disable");
    arguments.add("-Xlog:all=warning:stderr");
  }

  /** What the parent may have changed since its own start, or took from its terminal. */
  private static void identity(List<String> arguments) {
    for (String property : new String[] {"stdout.encoding", "stderr.encoding"}) {
      String value = System.getProperty(property);
      if (value != null) {
        arguments.add("-D" + property + "=" + value);
      }
    }
    arguments.add("-Duser.timezone=" + timeZone(TimeZone.getDefault()));
    String helper = ForkHelper.file();
    if (helper != null) {
      arguments.add("-D" + ForkHelper.FILE_PROPERTY + "=" + helper);
    }
  }

  /** The id of a zone, or of a fixed offset where the zone is one that only this process knows. */
  public static String timeZone(TimeZone zone) {
    Zone known = lastZone;
    if (known == null || !known.zone.equals(zone)) {
      known = new Zone(zone, describe(zone));
      lastZone = known;
    }
    return known.text;
  }

  private static String describe(TimeZone zone) {
    if (TimeZone.getTimeZone(zone.getID()).hasSameRules(zone)) {
      return zone.getID();
    }
    int minutes = zone.getRawOffset() / 60_000;
    String sign = minutes < 0 ? "-" : "+";
    int size = Math.abs(minutes);
    return "GMT" + sign + size / 60 + ":" + (size % 60 < 10 ? "0" : "") + size % 60;
  }

  private static void option(List<String> arguments, String name, String value) {
    if (!value.isEmpty()) {
      arguments.add(name);
      arguments.add(value);
    }
  }

  /** The child may have another working directory. An empty entry means that of this process. */
  private static String absolute(String path) {
    if (path.isEmpty()) {
      return path;
    }
    List<String> entries = new ArrayList<>();
    for (String entry : path.split(File.pathSeparator, -1)) {
      entries.add(Path.of(entry).toAbsolutePath().toString());
    }
    return String.join(File.pathSeparator, entries);
  }

  /** The arguments in the form of an argument file: one on a line, in quotes. */
  public static byte[] toFile(List<String> arguments) {
    StringBuilder file = new StringBuilder();
    for (String argument : arguments) {
      file.append('"');
      for (int i = 0; i < argument.length(); i++) {
        char c = argument.charAt(i);
        switch (c) {
          case '"', '\\' -> file.append('\\').append(c);
          case '\n' -> file.append("\\n");
          case '\r' -> file.append("\\r");
          case '\t' -> file.append("\\t");
          case '\f' -> file.append("\\f");
          default -> file.append(c);
        }
      }
      file.append("\"\n");
    }
    return file.toString().getBytes(StandardCharsets.UTF_8);
  }
}
