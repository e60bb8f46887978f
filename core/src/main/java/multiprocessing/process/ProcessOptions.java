package multiprocessing.process;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import multiprocessing.internal.launch.LaunchRequest;
import org.jspecify.annotations.Nullable;

/**
 * What a child gets that its parent has not, or has otherwise.
 *
 * <p>Without options a child has its parent's class path or module path, environment, working
 * directory, output, locale, time zone, processors, and those options of the parent's virtual
 * machine that change what classes mean or may do: {@code -D}, {@code -ea}, {@code --add-opens} and
 * the like. Not inherited are its memory settings and collector, agents, debuggers and JMX, whether
 * they were given on the command line or by {@code JAVA_TOOL_OPTIONS}, {@code _JAVA_OPTIONS} or
 * {@code JDK_JAVA_OPTIONS}; these three variables are taken out of the child's environment unless
 * {@code environment} sets them. Standard input is always empty.
 *
 * {@snippet :
 * ProcessOptions options =
 *     ProcessOptions.builder()
 *         .heapLimit(256 << 20)
 *         .environment("LANG", "C.UTF-8")
 *         .stdout(ProcessBuilder.Redirect.to(new File("worker.log")))
 *         .build();
 * }
 *
 * @param heapLimit the most that its heap may take, in bytes; empty for the virtual machine's own
 *     default, a quarter of the machine's memory
 * @param jvmOptions options for its virtual machine; they are put last, so they win
 * @param environment what differs from this process's environment; a null value means that the
 *     variable is taken away
 * @param directory its working directory; null for this process's own
 * @param stdout where its standard output goes
 * @param stderr where its standard error goes
 * @param processors the numbers of the processors it may run on; empty for those of this process
 * @param nice how much it steps back for others, from 0 to 19 (less needs privileges)
 */
public record ProcessOptions(
    OptionalLong heapLimit,
    List<String> jvmOptions,
    Map<String, @Nullable String> environment,
    @Nullable Path directory,
    Redirect stdout,
    Redirect stderr,
    Set<Integer> processors,
    int nice) {

  private static final ProcessOptions NONE = builder().build();

  /** Checks and copies what was given. */
  public ProcessOptions {
    heapLimit.ifPresent(
        bytes -> {
          if (bytes <= 0) {
            throw new IllegalArgumentException("a heap limit of " + bytes + " bytes");
          }
        });
    jvmOptions = List.copyOf(jvmOptions);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    environment.forEach(ProcessOptions::checkVariable);
    checkOutput(stdout);
    checkOutput(stderr);
    processors = Collections.unmodifiableSet(new TreeSet<>(processors));
    for (int processor : processors) {
      if (processor < 0) {
        throw new IllegalArgumentException("there is no processor " + processor);
      }
    }
    if (nice < -20 || nice > 19) {
      throw new IllegalArgumentException("a nice value is from -20 to 19, and not " + nice);
    }
  }

  private static void checkVariable(String name, @Nullable String value) {
    if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("not a name for an environment variable: " + name);
    }
    if (value != null && value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a NUL character in environment variable " + name);
    }
  }

  private static void checkOutput(Redirect output) {
    switch (output.type()) {
      case INHERIT, WRITE, APPEND -> {}
      case PIPE, READ ->
          throw new IllegalArgumentException(
              "output of a child can be inherited, discarded, or go to a file, but not to "
                  + output);
    }
  }

  /** Returns the options of a child that is like its parent in everything. */
  public static ProcessOptions none() {
    return NONE;
  }

  /** Returns a builder that starts from {@link #none()}. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these options. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.heapLimit = heapLimit;
    builder.jvmOptions.addAll(jvmOptions);
    builder.environment.putAll(environment);
    builder.directory = directory;
    builder.stdout = stdout;
    builder.stderr = stderr;
    builder.processors.addAll(processors);
    builder.nice = nice;
    return builder;
  }

  /** Puts these options into a request. */
  void applyTo(LaunchRequest request) {
    if (heapLimit.isPresent()) {
      request.jvmOptions(List.of("-Xmx" + heapLimit.getAsLong()));
    }
    request.jvmOptions(jvmOptions).environment(environment).nice(nice);
    if (stdout.file() != null) {
      request.stdout(stdout.file().getAbsolutePath(), stdout.type() == Redirect.Type.APPEND);
    }
    if (stderr.file() != null) {
      request.stderr(stderr.file().getAbsolutePath(), stderr.type() == Redirect.Type.APPEND);
    }
    if (directory != null) {
      request.directory(directory.toAbsolutePath().toString());
    }
    if (!processors.isEmpty()) {
      BitSet bits = new BitSet();
      processors.forEach(bits::set);
      request.affinity(bits);
    }
  }

  /** Collects options. */
  public static final class Builder {
    private OptionalLong heapLimit = OptionalLong.empty();
    private final List<String> jvmOptions = new ArrayList<>();
    private final Map<String, @Nullable String> environment = new LinkedHashMap<>();
    private @Nullable Path directory;
    private Redirect stdout = Redirect.INHERIT;
    private Redirect stderr = Redirect.INHERIT;
    private final Set<Integer> processors = new TreeSet<>();
    private int nice;

    private Builder() {}

    /**
     * Sets the most that the heap of the child may take.
     *
     * @param bytes more than zero
     * @return this builder
     */
    public Builder heapLimit(long bytes) {
      heapLimit = OptionalLong.of(bytes);
      return this;
    }

    /**
     * Adds options for the child's virtual machine.
     *
     * @param options such as {@code -Xss4m}
     * @return this builder
     */
    public Builder jvmOptions(String... options) {
      jvmOptions.addAll(List.of(options));
      return this;
    }

    /**
     * Sets an environment variable, or takes it away.
     *
     * @param name its name
     * @param value its value; null to take it away
     * @return this builder
     */
    public Builder environment(String name, @Nullable String value) {
      environment.put(name, value);
      return this;
    }

    /**
     * Sets the working directory.
     *
     * @param path an existing directory
     * @return this builder
     */
    public Builder directory(Path path) {
      directory = path;
      return this;
    }

    /**
     * Sets where standard output goes.
     *
     * @param output {@code INHERIT}, {@code DISCARD}, or a file to be written or appended to
     * @return this builder
     */
    public Builder stdout(Redirect output) {
      stdout = output;
      return this;
    }

    /**
     * Sets where standard error goes.
     *
     * @param output {@code INHERIT}, {@code DISCARD}, or a file to be written or appended to
     * @return this builder
     */
    public Builder stderr(Redirect output) {
      stderr = output;
      return this;
    }

    /**
     * Binds the child to some processors.
     *
     * @param numbers their numbers, from 0 on
     * @return this builder
     */
    public Builder processors(int... numbers) {
      for (int number : numbers) {
        processors.add(number);
      }
      return this;
    }

    /**
     * Lets the child step back for others.
     *
     * @param value from 0 to 19; less than 0 needs privileges
     * @return this builder
     */
    public Builder nice(int value) {
      nice = value;
      return this;
    }

    /**
     * Returns the options.
     *
     * @throws IllegalArgumentException if one of them cannot be
     */
    public ProcessOptions build() {
      return new ProcessOptions(
          heapLimit, jvmOptions, environment, directory, stdout, stderr, processors, nice);
    }
  }
}
