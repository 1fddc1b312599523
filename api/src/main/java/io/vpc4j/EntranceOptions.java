package io.vpc4j;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where an {@link Entrance} listens, who may come in, and how many. Immutable. */
public final class EntranceOptions {

  private final SocketAddress listen;
  private final @Nullable Credentials credentials;
  private final int maxConnections;
  private final Duration handshakeTimeout;
  private final Duration connectTimeout;

  private EntranceOptions(Builder builder) {
    listen = builder.listen;
    credentials = builder.credentials;
    maxConnections = builder.maxConnections;
    handshakeTimeout = builder.handshakeTimeout;
    connectTimeout = builder.connectTimeout;
    if (credentials == null && !isLocal(listen)) {
      throw new IllegalArgumentException(
          "an entrance on "
              + listen
              + " is open to other machines: give it credentials, or a loopback address");
    }
  }

  /** A port of 127.0.0.1 that is free; no credentials; 1,024 clients. */
  public static EntranceOptions defaults() {
    return builder().build();
  }

  /** A builder with the defaults set. */
  public static Builder builder() {
    return new Builder();
  }

  private static boolean isLocal(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress
        || (address instanceof InetSocketAddress inet
            && inet.getAddress() != null
            && inet.getAddress().isLoopbackAddress());
  }

  /** An {@link InetSocketAddress} or a {@link UnixDomainSocketAddress}. */
  public SocketAddress listen() {
    return listen;
  }

  /** Who may come in; empty for everyone who can reach the address. */
  public Optional<Credentials> credentials() {
    return Optional.ofNullable(credentials);
  }

  /** How many clients at once; who comes after them is turned away. */
  public int maxConnections() {
    return maxConnections;
  }

  /** How long a client may take until it has said where it wants to go. */
  public Duration handshakeTimeout() {
    return handshakeTimeout;
  }

  /** How long a connection to a target may take. */
  public Duration connectTimeout() {
    return connectTimeout;
  }

  /**
   * A user's name and password, as HTTP's {@code Basic} and SOCKS5 (RFC 1929) carry them.
   *
   * @param user 1 to 255 octets of UTF-8, without a colon
   * @param password 1 to 255 octets of UTF-8
   */
  public record Credentials(String user, String password) {
    /** Checks both. */
    public Credentials {
      var userOctets = user.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
      var passwordOctets = password.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
      if (userOctets < 1 || userOctets > 255 || user.indexOf(':') >= 0) {
        throw new IllegalArgumentException("a user has 1 to 255 octets, and no colon");
      }
      if (passwordOctets < 1 || passwordOctets > 255) {
        throw new IllegalArgumentException("a password has 1 to 255 octets");
      }
    }

    /** The user alone. */
    @Override
    public String toString() {
      return "Credentials[" + user + "]";
    }
  }

  /** Says what an entrance is to be. Not safe for use by several threads. */
  public static final class Builder {
    private SocketAddress listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private @Nullable Credentials credentials;
    private int maxConnections = 1_024;
    private Duration handshakeTimeout = Duration.ofSeconds(10);
    private Duration connectTimeout = Duration.ofSeconds(30);

    private Builder() {}

    /**
     * Where to listen. Default: a free port of 127.0.0.1. An address that other machines can reach
     * needs {@link #credentials}.
     *
     * @throws IllegalArgumentException if it is neither an {@link InetSocketAddress} nor a {@link
     *     UnixDomainSocketAddress}
     */
    public Builder listen(SocketAddress listen) {
      if (!(listen instanceof InetSocketAddress) && !(listen instanceof UnixDomainSocketAddress)) {
        throw new IllegalArgumentException("cannot listen on " + listen);
      }
      this.listen = listen;
      return this;
    }

    /** Who may come in. Default: everyone. */
    public Builder credentials(Credentials credentials) {
      this.credentials = Objects.requireNonNull(credentials, "credentials");
      return this;
    }

    /** How many clients at once, 1 to 1,000,000. Default: 1,024. */
    public Builder maxConnections(int maxConnections) {
      if (maxConnections < 1 || maxConnections > 1_000_000) {
        throw new IllegalArgumentException("maxConnections must be 1 to 1000000");
      }
      this.maxConnections = maxConnections;
      return this;
    }

    /** How long a client may take to say where to, over 0. Default: 10 s. */
    public Builder handshakeTimeout(Duration handshakeTimeout) {
      this.handshakeTimeout = positive(handshakeTimeout, "handshakeTimeout");
      return this;
    }

    /** How long a connection may take, over 0. Default: 30 s. */
    public Builder connectTimeout(Duration connectTimeout) {
      this.connectTimeout = positive(connectTimeout, "connectTimeout");
      return this;
    }

    private static Duration positive(Duration duration, String name) {
      if (duration.isNegative() || duration.isZero() || duration.toDays() > 1) {
        throw new IllegalArgumentException(name + " must be over 0 and at most a day");
      }
      return duration;
    }

    /**
     * The options.
     *
     * @throws IllegalArgumentException if other machines could come in and there are no credentials
     */
    public EntranceOptions build() {
      return new EntranceOptions(this);
    }
  }
}
