package multiprocessing.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds or makes the programs of the sides, each when it is first asked for; what it makes is gone
 * when it is closed, but what it fetches stays.
 */
final class Toolbox implements AutoCloseable {
  private final Path folder;
  private final Map<Program, Tool> tools = new EnumMap<>(Program.class);

  private Toolbox(Path folder) {
    this.folder = folder;
  }

  static Toolbox open() throws IOException {
    Path folder = Files.createTempDirectory("multiprocessing-bench");
    for (String name : List.of("sides.py", "loky_sides.py", "sides.js", "limits.c")) {
      try (InputStream content =
          Objects.requireNonNull(Toolbox.class.getResourceAsStream("/" + name), name)) {
        Files.copy(content, folder.resolve(name));
      }
    }
    Toolbox toolbox = new Toolbox(folder);
    Runtime.getRuntime().addShutdownHook(new Thread(toolbox::close)); // for Ctrl-C
    return toolbox;
  }

  /** What starts the works of a program, or says why it is not here. */
  Tool tool(Program program) {
    Tool tool = tools.get(program);
    if (tool == null) {
      tool =
          switch (program) {
            case JAVA -> java();
            case PYTHON -> python();
            case LOKY -> loky();
            case NODE -> node();
            case C -> c();
          };
      tools.put(program, tool);
    }
    return tool;
  }

  /** The command line that does a work, or empty if there is no such program here. */
  Optional<List<String>> command(Program program, String work) {
    return tool(program).command(work);
  }

  private static Tool java() {
    return new Tool(
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "multiprocessing.bench.work.Worker"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
  }

  private Tool python() {
    // Of several Pythons, the one that says where it is: a shim would be started each time anew.
    String asked =
        "import platform as p, sys;"
            + " print(sys.executable); print(p.python_implementation(), p.python_version())";
    return Shell.output("python3", "-c", asked)
        .map(answer -> answer.split("\n", 2))
        .map(lines -> new Tool(List.of(lines[0], script("sides.py")), lines[1]))
        .orElseGet(() -> Tool.missing("there is no python3 on the PATH"));
  }

  private Tool loky() {
    Tool python = tool(Program.PYTHON);
    if (python.isMissing()) {
      return python;
    }
    Optional<Path> joblib = Packages.joblib();
    if (joblib.isEmpty()) {
      return Tool.missing(Packages.joblibRemedy());
    }
    String path = "PYTHONPATH=" + joblib.get();
    String executable = python.command().getFirst();
    String asked = "import joblib; print(joblib.__version__)";
    return Shell.output("env", path, executable, "-c", asked)
        .map(
            version -> new Tool(List.of("env", path, executable, script("loky_sides.py")), version))
        .orElseGet(() -> Tool.missing("this python3 cannot import joblib"));
  }

  private Tool node() {
    Optional<String> version = Shell.output("node", "--version");
    if (version.isEmpty()) {
      return Tool.missing("there is no node on the PATH");
    }
    String asked = "console.log(require('workerpool/package.json').version)";
    return Packages.workerpool()
        .map(modules -> "NODE_PATH=" + modules)
        .flatMap(
            path ->
                Shell.output("env", path, "node", "-e", asked)
                    .map(
                        workerpool ->
                            new Tool(
                                List.of("env", path, "node", script("sides.js")),
                                version.get() + ", workerpool " + workerpool)))
        .orElseGet(() -> Tool.missing(Packages.workerpoolRemedy()));
  }

  private Tool c() {
    String limits = script("limits");
    String why = "there is no gcc on the PATH, or it does not work";
    return Shell.output("gcc", "-O3", "-o", limits, script("limits.c"))
        .flatMap(_ -> Shell.output("gcc", "-dumpfullversion"))
        .map(version -> new Tool(List.of(limits), "gcc " + version))
        .orElseGet(() -> Tool.missing(why));
  }

  private String script(String name) {
    return folder.resolve(name).toString();
  }

  @Override
  public void close() {
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      System.err.println("bench: cannot delete " + folder + ": " + e);
    }
  }
}
