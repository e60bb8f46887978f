package multiprocessing.pool;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a pool treats tasks: see {@link ProcessPool#with}.
 *
 * @param name what to call the tasks in exceptions and statistics; null for what they say of
 *     themselves
 * @param priority tasks of a higher one are handed out first; 0 is usual
 * @param softTimeout how long a call, or one item, may run before it is interrupted; null for ever
 * @param hardTimeout how long it may run before its worker is killed over it; null for ever
 * @param retries how often it runs again after its worker was lost; a time limit is no loss
 */
public record TaskOptions(
    @Nullable String name,
    int priority,
    @Nullable Duration softTimeout,
    @Nullable Duration hardTimeout,
    int retries) {

  private static final TaskOptions NONE = builder().build();

  /** Checks what was given. */
  public TaskOptions {
    check("soft", softTimeout);
    check("hard", hardTimeout);
    if (retries < 0) {
      throw new IllegalArgumentException(retries + " retries; 0 or more, please");
    }
  }

  private static void check(String which, @Nullable Duration limit) {
    if (limit != null && !limit.isPositive()) {
      throw new IllegalArgumentException("a " + which + " time limit of " + limit);
    }
  }

  /** Returns the usual: no limit, priority 0, no retries. */
  public static TaskOptions none() {
    return NONE;
  }

  /** Returns a builder that starts from {@link #none()}. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these options. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.name = name;
    builder.priority = priority;
    builder.softTimeout = softTimeout;
    builder.hardTimeout = hardTimeout;
    builder.retries = retries;
    return builder;
  }

  boolean isTimed() {
    return softTimeout != null || hardTimeout != null;
  }

  /** The flags of a message to a worker. */
  long flags() {
    return isTimed() ? Message.WATCHED : 0;
  }

  static long nanos(@Nullable Duration limit) {
    if (limit == null) {
      return Long.MAX_VALUE;
    }
    try {
      return limit.toNanos();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE; // some centuries
    }
  }

  /** Collects options. */
  public static final class Builder {
    private @Nullable String name;
    private int priority;
    private @Nullable Duration softTimeout;
    private @Nullable Duration hardTimeout;
    private int retries;

    private Builder() {}

    /**
     * Names the tasks.
     *
     * @param value any name
     * @return this
     */
    public Builder name(String value) {
      name = Objects.requireNonNull(value);
      return this;
    }

    /**
     * Sets the priority.
     *
     * @param value more than 0 to come before others, less to let others go first
     * @return this
     */
    public Builder priority(int value) {
      priority = value;
      return this;
    }

    /**
     * Sets how long a call or an item may run before its thread is interrupted.
     *
     * @param limit more than zero
     * @return this
     */
    public Builder softTimeout(Duration limit) {
      softTimeout = Objects.requireNonNull(limit);
      return this;
    }

    /**
     * Sets how long a call or an item may run before its worker is killed.
     *
     * @param limit more than zero
     * @return this
     */
    public Builder hardTimeout(Duration limit) {
      hardTimeout = Objects.requireNonNull(limit);
      return this;
    }

    /**
     * Sets how often a task runs again after its worker was lost.
     *
     * @param count 0 or more
     * @return this
     */
    public Builder retries(int count) {
      retries = count;
      return this;
    }

    /**
     * Returns the options.
     *
     * @throws IllegalArgumentException if one of them cannot be
     */
    public TaskOptions build() {
      return new TaskOptions(name, priority, softTimeout, hardTimeout, retries);
    }
  }
}
