package multiprocessing.call;

import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import multiprocessing.process.ProcessOptions;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.Nullable;

/**
 * What an isolated call may use. Python's {@code multiprocessing} has no counterpart.
 *
 * {@snippet :
 * Limits limits = Limits.builder().timeout(Duration.ofSeconds(2)).heap(64 << 20).build();
 * String text = Multiprocessing.call(() -> parse(file), limits);
 * }
 *
 * @param timeout how long it may take, the start of its process included; null for no limit
 * @param heap the most bytes that its heap may take; its process is then a fresh virtual machine
 * @param cpuTime how much processor time all of its threads together may use; the kernel counts in
 *     whole seconds, so it is rounded up; null for no limit
 * @param startMethod how its process is started; null for the default of the caller
 * @param options what else its process has that this one has not
 */
public record Limits(
    @Nullable Duration timeout,
    OptionalLong heap,
    @Nullable Duration cpuTime,
    @Nullable StartMethod startMethod,
    ProcessOptions options) {

  private static final Limits NONE = builder().build();

  /** Checks what was given. */
  public Limits {
    requirePositive("timeout", timeout);
    requirePositive("limit of processor time", cpuTime);
    if (heap.isPresent() && heap.getAsLong() <= 0) {
      throw new IllegalArgumentException("a heap of " + heap.getAsLong() + " bytes");
    }
    if (startMethod != null) {
      startMethod = startMethod.requireSupported();
    }
    Objects.requireNonNull(options);
  }

  private static void requirePositive(String what, @Nullable Duration duration) {
    if (duration != null && !duration.isPositive()) {
      throw new IllegalArgumentException("a " + what + " of " + duration + "; more than 0, please");
    }
  }

  /** Returns no limits: the call is isolated, and may take what it wants. */
  public static Limits none() {
    return NONE;
  }

  /**
   * Returns a limit of time.
   *
   * @param timeout how long the call may take
   */
  public static Limits of(Duration timeout) {
    return builder().timeout(timeout).build();
  }

  /**
   * Returns limits of time and memory.
   *
   * @param timeout how long the call may take
   * @param heap the most bytes that its heap may take
   */
  public static Limits of(Duration timeout, long heap) {
    return builder().timeout(timeout).heap(heap).build();
  }

  /** Returns a builder that starts from {@link #none()}. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects limits. */
  public static final class Builder {
    private @Nullable Duration timeout;
    private OptionalLong heap = OptionalLong.empty();
    private @Nullable Duration cpuTime;
    private @Nullable StartMethod startMethod;
    private ProcessOptions options = ProcessOptions.none();

    private Builder() {}

    /**
     * Sets how long the call may take, the start of its process included.
     *
     * @param limit more than zero
     * @return this builder
     */
    public Builder timeout(Duration limit) {
      timeout = Objects.requireNonNull(limit);
      return this;
    }

    /**
     * Sets the most that its heap may take. Its process is then a fresh virtual machine.
     *
     * @param bytes more than zero; less than some 8 MiB is too little for most tasks
     * @return this builder
     */
    public Builder heap(long bytes) {
      heap = OptionalLong.of(bytes);
      return this;
    }

    /**
     * Sets how much processor time all of its threads together may use.
     *
     * @param limit more than zero; rounded up to whole seconds
     * @return this builder
     */
    public Builder cpuTime(Duration limit) {
      cpuTime = Objects.requireNonNull(limit);
      return this;
    }

    /**
     * Sets how its process is started.
     *
     * @param method the method
     * @return this builder
     * @throws UnsupportedOperationException if the method does not work here
     */
    public Builder startMethod(StartMethod method) {
      startMethod = method.requireSupported();
      return this;
    }

    /**
     * Sets what else its process has that this one has not.
     *
     * @param options the options; their heap limit counts if no other is set here
     * @return this builder
     */
    public Builder options(ProcessOptions options) {
      this.options = Objects.requireNonNull(options);
      return this;
    }

    /**
     * Returns the limits.
     *
     * @throws IllegalArgumentException if one of them cannot be
     */
    public Limits build() {
      return new Limits(timeout, heap, cpuTime, startMethod, options);
    }
  }
}
