package multiprocessing.internal.jvm;

import java.io.FileInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options of this process's own virtual machine.
 *
 * <p>The management bean that knows them takes some 20 milliseconds to come up, on the way to the
 * first child. So the command line is read where all of them are on it: where a {@code java}
 * launcher was given no option by variables and files.
 */
final class LauncherArguments {
  /** Environment variables with options, for the launcher or the virtual machine. */
  private static final Set<String> VARIABLES =
      Set.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_AOT_VM_OPTIONS");

  /** What these say is in a file. */
  private static final String[] FILES = {
    "@", "-XX:Flags=", "-XX:VMOptionsFile=", "-XX:+ReadVMOptionsFile"
  };

  private static final Set<String> BEFORE_MAIN = Set.of("-jar", "-m", "--module");

  private static final Set<String> CLASS_PATH = Set.of("-cp", "-classpath", "--class-path");

  /** The launcher joins each of these and the word after it with an equals sign. */
  private static final Set<String> IN_TWO_WORDS =
      Set.of(
          "--module-path",
          "--upgrade-module-path",
          "--add-modules",
          "--limit-modules",
          "--add-exports",
          "--add-opens",
          "--add-reads",
          "--patch-module",
          "--enable-native-access");

  private LauncherArguments() {}

  /** Whether an environment variable gives options to virtual machines. */
  static boolean isVariable(String name) {
    return VARIABLES.contains(name);
  }

  /** The options, in their order. */
  static List<String> ofThisProcess() {
    List<String> options = null;
    if (isFromCommandLine()) {
      options = options(commandLine());
    }
    return options != null ? options : ManagementFactory.getRuntimeMXBean().getInputArguments();
  }

  private static boolean isFromCommandLine() {
    for (String variable : VARIABLES) {
      if (System.getenv(variable) != null) {
        return false;
      }
    }
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/exe"))
          .equals(Path.of(System.getProperty("java.home", ""), "bin", "java"));
    } catch (IOException e) {
      return false;
    }
  }

  private static List<String> commandLine() {
    try (FileInputStream file = new FileInputStream("/proc/self/cmdline")) {
      String all = new String(file.readAllBytes(), StandardCharsets.ISO_8859_1);
      return List.of(all.split("\0", -1));
    } catch (IOException e) {
      return List.of();
    }
  }

  /**
   * The options among the words of a command line, the first of which is the program.
   *
   * @return null if they are not all there to see
   */
  static @Nullable List<String> options(List<String> words) {
    List<String> options = new ArrayList<>();
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      if (!isAscii(word) || startsWithAny(word, FILES) || word.startsWith("--source")) {
        return null;
      }
      if (!word.startsWith("-") || BEFORE_MAIN.contains(word) || word.startsWith("--module=")) {
        return word.isEmpty() ? null : options;
      }
      if (CLASS_PATH.contains(word)) {
        i++;
      } else if (word.equals("-p")) {
        options.add("--module-path=" + wordAt(words, ++i));
      } else if (IN_TWO_WORDS.contains(word)) {
        options.add(word + "=" + wordAt(words, ++i));
      } else if (!word.startsWith("--class-path=")) {
        options.add(word);
      }
    }
    return null; // a command line that starts no program
  }

  private static String wordAt(List<String> words, int index) {
    return index < words.size() ? words.get(index) : "";
  }

  /** In what other characters mean, the launcher and the virtual machine may not be of one mind. */
  private static boolean isAscii(String word) {
    return word.chars().allMatch(c -> c < 128);
  }

  private static boolean startsWithAny(String word, String[] prefixes) {
    for (String prefix : prefixes) {
      if (word.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }
}
