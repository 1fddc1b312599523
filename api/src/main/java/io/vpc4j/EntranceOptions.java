package io.vpc4j;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where an {@link Entrance} listens, who may come in, and how many. Immutable. */
public final class EntranceOptions {

  private final SocketAddress listen;
  private final @Nullable Credentials credentials;
  private final @Nullable String token;
  private final int maxConnections;
  private final Duration handshakeTimeout;
  private final Duration connectTimeout;

  private EntranceOptions(Builder builder) {
    listen = builder.listen;
    credentials = builder.credentials;
    token = builder.token;
    maxConnections = builder.maxConnections;
    handshakeTimeout = builder.handshakeTimeout;
    connectTimeout = builder.connectTimeout;
    if (credentials == null && token == null && !isLocal()) {
      throw new IllegalArgumentException(
          "an entrance on "
              + listen
              + " is open to other machines: give it credentials or a token, or a loopback"
              + " address");
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

  /** Whether {@link #listen} can be reached from this machine alone. */
  public boolean isLocal() {
    return listen instanceof UnixDomainSocketAddress
        || (listen instanceof InetSocketAddress inet
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

  /** What else lets a client in; empty for nothing. */
  public Optional<String> token() {
    return Optional.ofNullable(token);
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
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/=-]{1,255}");

    private SocketAddress listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private @Nullable Credentials credentials;
    private @Nullable String token;
    private int maxConnections = 1_024;
    private Duration handshakeTimeout = Duration.ofSeconds(10);
    private Duration connectTimeout = Duration.ofSeconds(30);

    private Builder() {}

    /**
     * Where to listen. Default: a free port of 127.0.0.1. An address that other machines can reach
     * needs {@link #credentials} or a {@link #token}.
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

    /**
     * What lets a client in, whoever it is: as {@code Proxy-Authorization: Bearer TOKEN}, as the
     * password of any user in HTTP's {@code Basic} and in SOCKS5, or for Miniflare, which can send
     * neither, in the query of its {@code remoteProxyConnectionString}, {@code /?token=TOKEN}.
     * Default: none.
     *
     * @param token 1 to 255 letters, digits and {@code -._~+/=}, RFC 6750 2.1
     * @throws IllegalArgumentException if it is not
     */
    public Builder token(String token) {
      if (!TOKEN.matcher(token).matches()) {
        throw new IllegalArgumentException(
            "a token has 1 to 255 letters, digits and characters of -._~+/=");
      }
      this.token = token;
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
     * @throws IllegalArgumentException if other machines could come in and nothing need be shown
     */
    public EntranceOptions build() {
      return new EntranceOptions(this);
    }
  }
}
