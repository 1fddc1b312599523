package io.vpc4j;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/**
 * How {@link VpcNetwork#connect} makes its connection.
 *
 * @param timeout from the call to an accepted connection, TLS included; positive. Default: 30 s
 * @param secureTransport whether TLS is spoken. Default: {@link SecureTransport#OFF}
 */
public record ConnectOptions(Duration timeout, SecureTransport secureTransport) {

  /** The product's words for TLS on a raw connection. */
  public enum SecureTransport {
    /** Plain octets. */
    OFF,
    /** TLS from the first octet, verified as for https. */
    ON,
    /** Plain octets until {@link VpcSocket#startTls}, TLS verified as for https from there on. */
    STARTTLS;

    /**
     * The one with that word.
     *
     * @param word {@code off}, {@code on} or {@code starttls}
     * @throws IllegalArgumentException {@code Unsupported value in secureTransport socket option:
     *     x}, the product's words
     */
    public static SecureTransport of(String word) {
      for (var each : values()) {
        if (each.toString().equals(word)) {
          return each;
        }
      }
      throw new IllegalArgumentException(
          "Unsupported value in secureTransport socket option: " + word);
    }

    /** {@code off}, {@code on} or {@code starttls}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final ConnectOptions DEFAULTS =
      new ConnectOptions(Duration.ofSeconds(30), SecureTransport.OFF);

  /** Checks the bounds. */
  public ConnectOptions {
    Objects.requireNonNull(secureTransport);
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout must be positive, not " + timeout);
    }
  }

  /** 30 seconds, plain. */
  public static ConnectOptions defaults() {
    return DEFAULTS;
  }

  /** The same with another timeout. */
  public ConnectOptions withTimeout(Duration timeout) {
    return new ConnectOptions(timeout, secureTransport);
  }

  /** The same with TLS off, on, or to come. */
  public ConnectOptions withSecureTransport(SecureTransport secureTransport) {
    return new ConnectOptions(timeout, secureTransport);
  }
}
