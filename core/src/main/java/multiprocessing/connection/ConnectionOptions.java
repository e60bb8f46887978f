package multiprocessing.connection;

import java.io.NotSerializableException;
import java.io.ObjectInputFilter;
import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * What can be set at a {@link Listener} or {@link Client}, and then holds for its connections.
 *
 * <p>Immutable, and safe for any thread.
 */
public final class ConnectionOptions {
  private static final int DEFAULT_BACKLOG = 64;
  private static final Duration DEFAULT_HANDSHAKE = Duration.ofSeconds(20);
  private static final String TLS_VERSION = "TLSv1.3";

  /** That the certificate is one for the host that was connected to. */
  private static final String BY_HOST = "HTTPS";

  private static final ConnectionOptions DEFAULTS = builder().build();

  private final byte @Nullable [] authKey;
  private final int backlog;
  private final long maxMessageBytes;
  private final Duration handshakeTimeout;
  private final @Nullable String filter;
  private final @Nullable SSLContext tls;
  private final Consumer<SSLParameters> tlsParameters;

  private ConnectionOptions(Builder builder) {
    authKey = builder.authKey;
    backlog = builder.backlog;
    maxMessageBytes = builder.maxMessageBytes;
    handshakeTimeout = builder.handshakeTimeout;
    filter = builder.filter;
    tls = builder.tls;
    tlsParameters = builder.tlsParameters;
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

  /**
   * What encrypts a connection; null if nothing is to.
   *
   * @throws IllegalArgumentException if the address is of a kind that has no TLS
   */
  @Nullable SSLEngine engine(Address address, boolean isListener) {
    if (tls == null) {
      return null;
    }
    if (!address.isTcp()) {
      throw new IllegalArgumentException(
          "TLS is for TCP addresses; leave it out, nobody listens to what goes through " + address);
    }
    SSLEngine engine =
        isListener ? tls.createSSLEngine() : tls.createSSLEngine(address.host(), address.port());
    engine.setUseClientMode(!isListener);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(new String[] {TLS_VERSION});
    parameters.setEndpointIdentificationAlgorithm(isListener ? "" : BY_HOST);
    tlsParameters.accept(parameters);
    engine.setSSLParameters(parameters);
    return engine;
  }

  Travelling toTravel() throws NotSerializableException {
    if (tls != null) {
      throw new NotSerializableException(
          "a listener with TLS has keys that only this process knows; open one in the other process");
    }
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
    private @Nullable SSLContext tls;
    private Consumer<SSLParameters> tlsParameters = _ -> {};

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
     * Sets how long the peer may take to prove that it has the secret, and before that to agree on
     * TLS where it is set. The default is 20 seconds.
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

    /**
     * Encrypts connections over TCP, by TLS 1.3; both ends have to set it. The proof of the secret
     * goes through it as well.
     *
     * <p>A listener shows the certificate that the context has a key for. A client requires that it
     * trusts that, by the context, and that it is for the host of the address which it connects to.
     * What fails there is an {@link multiprocessing.error.AuthenticationException} at both ends.
     * Without a secret a listener still accepts anybody.
     *
     * {@snippet :
     * ConnectionOptions.builder().authKey(key).tls(SSLContext.getDefault()).build();
     * }
     *
     * @param context has keys, and says who is trusted
     * @return this builder
     */
    public Builder tls(SSLContext context) {
      return tls(context, _ -> {});
    }

    /**
     * Encrypts connections over TCP, as {@link #tls(SSLContext)} does, with other parameters.
     *
     * {@snippet :
     * // a listener whose clients have to show a certificate, too
     * builder.tls(context, parameters -> parameters.setNeedClientAuth(true));
     * }
     *
     * @param context has keys, and says who is trusted
     * @param parameters changes the parameters of each connection. They allow for TLS 1.3 only, and
     *     for a client have {@code HTTPS} as endpoint identification algorithm, which checks the
     *     host
     * @return this builder
     */
    public Builder tls(SSLContext context, Consumer<SSLParameters> parameters) {
      tls = Objects.requireNonNull(context);
      tlsParameters = Objects.requireNonNull(parameters);
      return this;
    }

    /** Returns the options. */
    public ConnectionOptions build() {
      return new ConnectionOptions(this);
    }
  }
}
