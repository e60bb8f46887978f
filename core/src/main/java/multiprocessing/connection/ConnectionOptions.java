package multiprocessing.connection;

import java.io.ObjectInputFilter;
import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What can be set at a {@link Listener} or {@link Client}, and then holds for its connections.
 *
 * <p>Immutable, and safe for any thread.
 */
public final class ConnectionOptions {
  private static final int DEFAULT_BACKLOG = 64;
  private static final Duration DEFAULT_HANDSHAKE = Duration.ofSeconds(20);
  private static final ConnectionOptions DEFAULTS = builder().build();

  private final byte @Nullable [] authKey;
  private final int backlog;
  private final long maxMessageBytes;
  private final Duration handshakeTimeout;
  private final @Nullable String filter;

  private ConnectionOptions(Builder builder) {
    authKey = builder.authKey;
    backlog = builder.backlog;
    maxMessageBytes = builder.maxMessageBytes;
    handshakeTimeout = builder.handshakeTimeout;
    filter = builder.filter;
  }

  /** Returns options of which none is set. */
  public static ConnectionOptions defaults() {
    return DEFAULTS;
  }

  /** Returns a builder of options. */
  public static Builder builder() {
    return new Builder();
  }

  byte @Nullable [] authKey() {
    return authKey;
  }

  int backlog() {
    return backlog;
  }

  long maxMessageBytes() {
    return maxMessageBytes;
  }

  Duration handshakeTimeout() {
    return handshakeTimeout;
  }

  /** Returns the pattern that says which classes of objects are received; null for all. */
  public @Nullable String filter() {
    return filter;
  }

  Travelling toTravel() {
    return new Travelling(authKey, backlog, maxMessageBytes, handshakeTimeout, filter);
  }

  /** The options in a message to another process. */
  static final class Travelling implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final byte @Nullable [] authKey;
    private final int backlog;
    private final long maxMessageBytes;
    private final Duration handshakeTimeout;
    private final @Nullable String filter;

    Travelling(
        byte @Nullable [] authKey,
        int backlog,
        long maxMessageBytes,
        Duration handshakeTimeout,
        @Nullable String filter) {
      this.authKey = authKey;
      this.backlog = backlog;
      this.maxMessageBytes = maxMessageBytes;
      this.handshakeTimeout = handshakeTimeout;
      this.filter = filter;
    }

    ConnectionOptions toOptions() {
      Builder builder = builder().backlog(backlog).maxMessageBytes(maxMessageBytes);
      builder.handshakeTimeout(handshakeTimeout);
      builder.authKey = authKey;
      builder.filter = filter;
      return builder.build();
    }
  }

  /** Collects options. */
  public static final class Builder {
    private byte @Nullable [] authKey;
    private int backlog = DEFAULT_BACKLOG;
    private long maxMessageBytes = Long.MAX_VALUE;
    private Duration handshakeTimeout = DEFAULT_HANDSHAKE;
    private @Nullable String filter;

    private Builder() {}

    /**
     * Sets the secret that both ends must have. The default is none: then nobody is refused.
     *
     * @param key any bytes, also none at all
     * @return this builder
     */
    public Builder authKey(byte[] key) {
      authKey = key.clone();
      return this;
    }

    /**
     * Sets how many connections may wait to be accepted. The default is 64.
     *
     * @param connections at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is less
     */
    public Builder backlog(int connections) {
      if (connections < 1) {
        throw new IllegalArgumentException("backlog: at least 1, not " + connections);
      }
      backlog = connections;
      return this;
    }

    /**
     * Sets how long a message may be that is received. A longer one fails before it is read, and
     * nothing more can be received then. The default is no bound but that of arrays.
     *
     * @param bytes at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is less
     */
    public Builder maxMessageBytes(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("maxMessageBytes: at least 1, not " + bytes);
      }
      maxMessageBytes = bytes;
      return this;
    }

    /**
     * Sets how long the peer may take to prove that it has the secret. The default is 20 seconds.
     *
     * @param timeout a positive time
     * @return this builder
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder handshakeTimeout(Duration timeout) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new IllegalArgumentException("handshakeTimeout: a positive time, not " + timeout);
      }
      handshakeTimeout = timeout;
      return this;
    }

    /**
     * Sets which classes of objects are received, as a pattern of {@link
     * ObjectInputFilter.Config#createFilter}, such as {@code com.example.*;java.base/*;!*}. An
     * object of another class makes {@code recv} fail. The default is all classes, from peers that
     * are trusted; see {@link Connection}.
     *
     * @param pattern the pattern
     * @return this builder
     * @throws IllegalArgumentException if it is not one
     */
    public Builder filter(String pattern) {
      Objects.requireNonNull(ObjectInputFilter.Config.createFilter(pattern), "an empty filter");
      filter = pattern;
      return this;
    }

    /** Returns the options. */
    public ConnectionOptions build() {
      return new ConnectionOptions(this);
    }
  }
}
