package io.vpc4j;

import java.time.Duration;

/**
 * The bounds of a binding: what it may hold, and how long it may wait.
 *
 * <p>Every bound has a default that suits a service of ordinary size. Reaching one is a typed error
 * and a counter, never silence.
 *
 * @param maxConnectionsPerOrigin connections to one scheme, host and port. Default 64; 1 to 65,536.
 *     Each costs a socket and up to {@code readWindowOctets}
 * @param maxConnections connections of the binding in all. Default 1,024; 1 to 1,048,576
 * @param maxWaiters requests that wait for a connection. Default 4,096; 0 to 1,048,576. One more
 *     fails with {@link ErrorCode#CONNECTION_LIMIT_REACHED}
 * @param maxRequestsPerSecond requests begun in a second, a bucket of the same depth. Default 0, no
 *     limit. One more fails with {@link ErrorCode#RATE_LIMITED}
 * @param acquireTimeout for a connection of the pool to become free. Default 10 s; then {@link
 *     ErrorCode#CONNECTION_LIMIT_REACHED}
 * @param resolveTimeout for a name. Default 5 s; then {@link ErrorCode#DNS_TIMEOUT}
 * @param connectTimeout for a connection to be accepted, all addresses together. Default 10 s; then
 *     {@link ErrorCode#CONNECTION_TIMEOUT}
 * @param tlsTimeout for the TLS handshake. Default 10 s; then {@link ErrorCode#TLS_PROTOCOL_ERROR}
 * @param readTimeout for the next octet of a response while one is owed. Default 60 s; then {@link
 *     ErrorCode#CONNECTION_READ_TIMEOUT}
 * @param writeTimeout for the connection to take more of a request. Default 60 s; then {@link
 *     ErrorCode#CONNECTION_WRITE_TIMEOUT}
 * @param idleTimeout how long an unused connection is kept. Default 30 s
 * @param maxConnectionAge how long a connection is given new requests. Default 10 min
 * @param maxHeaderOctets of a response's head. Default 131,072, the hosted product's; 1,024 to
 *     16,777,216. More is an {@link ErrorCode#HTTP_PROTOCOL_ERROR}
 * @param readWindowOctets of a body that came and was not read. Default 262,144; 16,384 to
 *     1,073,741,824. The larger, the more a fast far end can send while the application is busy
 * @param maxBufferedBodyOctets of a body that is asked for whole. Default 268,435,456 (256 MiB); 1
 *     to 2,147,483,639
 */
public record Limits(
    int maxConnectionsPerOrigin,
    int maxConnections,
    int maxWaiters,
    int maxRequestsPerSecond,
    Duration acquireTimeout,
    Duration resolveTimeout,
    Duration connectTimeout,
    Duration tlsTimeout,
    Duration readTimeout,
    Duration writeTimeout,
    Duration idleTimeout,
    Duration maxConnectionAge,
    int maxHeaderOctets,
    int readWindowOctets,
    int maxBufferedBodyOctets) {

  private static final Limits DEFAULTS =
      new Limits(
          64,
          1_024,
          4_096,
          0,
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofMinutes(10),
          128 * 1024,
          256 * 1024,
          256 * 1024 * 1024);

  /** Checks the bounds. */
  public Limits {
    requireWithin("maxConnectionsPerOrigin", maxConnectionsPerOrigin, 1, 1 << 16);
    requireWithin("maxConnections", maxConnections, 1, 1 << 20);
    requireWithin("maxWaiters", maxWaiters, 0, 1 << 20);
    requireWithin("maxRequestsPerSecond", maxRequestsPerSecond, 0, Integer.MAX_VALUE);
    requirePositive("acquireTimeout", acquireTimeout);
    requirePositive("resolveTimeout", resolveTimeout);
    requirePositive("connectTimeout", connectTimeout);
    requirePositive("tlsTimeout", tlsTimeout);
    requirePositive("readTimeout", readTimeout);
    requirePositive("writeTimeout", writeTimeout);
    requirePositive("idleTimeout", idleTimeout);
    requirePositive("maxConnectionAge", maxConnectionAge);
    requireWithin("maxHeaderOctets", maxHeaderOctets, 1_024, 1 << 24);
    requireWithin("readWindowOctets", readWindowOctets, 16_384, 1 << 30);
    requireWithin("maxBufferedBodyOctets", maxBufferedBodyOctets, 1, Integer.MAX_VALUE - 8);
  }

  /** The defaults. */
  public static Limits defaults() {
    return DEFAULTS;
  }

  /** A builder that begins with these. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  private static void requireWithin(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " must be " + min + " to " + max + ", not " + value);
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(name + " must be over 0 and at most 24 h, not " + value);
    }
  }

  /** Changes some of the bounds. */
  public static final class Builder {
    private int maxConnectionsPerOrigin;
    private int maxConnections;
    private int maxWaiters;
    private int maxRequestsPerSecond;
    private Duration acquireTimeout;
    private Duration resolveTimeout;
    private Duration connectTimeout;
    private Duration tlsTimeout;
    private Duration readTimeout;
    private Duration writeTimeout;
    private Duration idleTimeout;
    private Duration maxConnectionAge;
    private int maxHeaderOctets;
    private int readWindowOctets;
    private int maxBufferedBodyOctets;

    private Builder(Limits from) {
      maxConnectionsPerOrigin = from.maxConnectionsPerOrigin;
      maxConnections = from.maxConnections;
      maxWaiters = from.maxWaiters;
      maxRequestsPerSecond = from.maxRequestsPerSecond;
      acquireTimeout = from.acquireTimeout;
      resolveTimeout = from.resolveTimeout;
      connectTimeout = from.connectTimeout;
      tlsTimeout = from.tlsTimeout;
      readTimeout = from.readTimeout;
      writeTimeout = from.writeTimeout;
      idleTimeout = from.idleTimeout;
      maxConnectionAge = from.maxConnectionAge;
      maxHeaderOctets = from.maxHeaderOctets;
      readWindowOctets = from.readWindowOctets;
      maxBufferedBodyOctets = from.maxBufferedBodyOctets;
    }

    /** See {@link Limits#maxConnectionsPerOrigin}. */
    public Builder maxConnectionsPerOrigin(int maxConnectionsPerOrigin) {
      this.maxConnectionsPerOrigin = maxConnectionsPerOrigin;
      return this;
    }

    /** See {@link Limits#maxConnections}. */
    public Builder maxConnections(int maxConnections) {
      this.maxConnections = maxConnections;
      return this;
    }

    /** See {@link Limits#maxWaiters}. */
    public Builder maxWaiters(int maxWaiters) {
      this.maxWaiters = maxWaiters;
      return this;
    }

    /** See {@link Limits#maxRequestsPerSecond}. */
    public Builder maxRequestsPerSecond(int maxRequestsPerSecond) {
      this.maxRequestsPerSecond = maxRequestsPerSecond;
      return this;
    }

    /** See {@link Limits#acquireTimeout}. */
    public Builder acquireTimeout(Duration acquireTimeout) {
      this.acquireTimeout = acquireTimeout;
      return this;
    }

    /** See {@link Limits#resolveTimeout}. */
    public Builder resolveTimeout(Duration resolveTimeout) {
      this.resolveTimeout = resolveTimeout;
      return this;
    }

    /** See {@link Limits#connectTimeout}. */
    public Builder connectTimeout(Duration connectTimeout) {
      this.connectTimeout = connectTimeout;
      return this;
    }

    /** See {@link Limits#tlsTimeout}. */
    public Builder tlsTimeout(Duration tlsTimeout) {
      this.tlsTimeout = tlsTimeout;
      return this;
    }

    /** See {@link Limits#readTimeout}. */
    public Builder readTimeout(Duration readTimeout) {
      this.readTimeout = readTimeout;
      return this;
    }

    /** See {@link Limits#writeTimeout}. */
    public Builder writeTimeout(Duration writeTimeout) {
      this.writeTimeout = writeTimeout;
      return this;
    }

    /** See {@link Limits#idleTimeout}. */
    public Builder idleTimeout(Duration idleTimeout) {
      this.idleTimeout = idleTimeout;
      return this;
    }

    /** See {@link Limits#maxConnectionAge}. */
    public Builder maxConnectionAge(Duration maxConnectionAge) {
      this.maxConnectionAge = maxConnectionAge;
      return this;
    }

    /** See {@link Limits#maxHeaderOctets}. */
    public Builder maxHeaderOctets(int maxHeaderOctets) {
      this.maxHeaderOctets = maxHeaderOctets;
      return this;
    }

    /** See {@link Limits#readWindowOctets}. */
    public Builder readWindowOctets(int readWindowOctets) {
      this.readWindowOctets = readWindowOctets;
      return this;
    }

    /** See {@link Limits#maxBufferedBodyOctets}. */
    public Builder maxBufferedBodyOctets(int maxBufferedBodyOctets) {
      this.maxBufferedBodyOctets = maxBufferedBodyOctets;
      return this;
    }

    /**
     * The bounds.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it
     */
    public Limits build() {
      return new Limits(
          maxConnectionsPerOrigin,
          maxConnections,
          maxWaiters,
          maxRequestsPerSecond,
          acquireTimeout,
          resolveTimeout,
          connectTimeout,
          tlsTimeout,
          readTimeout,
          writeTimeout,
          idleTimeout,
          maxConnectionAge,
          maxHeaderOctets,
          readWindowOctets,
          maxBufferedBodyOctets);
    }
  }
}
