package io.vpc4j;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for did not happen. Says which {@link ErrorCode}, at which {@link Stage}, where,
 * and after how long; the message is a sentence that says what was tried and what to do.
 *
 * <p>Thrown once, unwrapped, to the application; never logged by this library and never disguised
 * as a 5xx response.
 */
public class VpcException extends IOException {

  private static final long serialVersionUID = 1L;

  /** How far the request had come. */
  public enum Stage {
    /** Reading the configuration, before any request. */
    CONFIGURE,
    /** Choosing the hop; nothing has been dialled. */
    ROUTE,
    /** Turning the name into addresses, at the far end. */
    RESOLVE,
    /** Waiting for, or making, a connection. */
    CONNECT,
    /** The TLS handshake with the destination. */
    TLS,
    /** Sending the request. */
    REQUEST,
    /** Reading the response. */
    RESPONSE;

    /** The stage in lower case, as messages have it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final ErrorCode code;
  private final Stage stage;
  private final @Nullable String destination;
  private final @Nullable String hop;
  private final Duration elapsed;

  /**
   * Says what went wrong where it is noticed; whoever knows the destination and the hop adds them
   * with {@link #at}.
   *
   * @param message a sentence: what was tried, what happened, what to do
   */
  public VpcException(ErrorCode code, Stage stage, String message) {
    this(code, stage, message, null);
  }

  /** As {@link #VpcException(ErrorCode, Stage, String)}, with what lies beneath. */
  public VpcException(ErrorCode code, Stage stage, String message, @Nullable Throwable cause) {
    this(code, stage, message, cause, null, null, Duration.ZERO);
  }

  private VpcException(
      ErrorCode code,
      Stage stage,
      String message,
      @Nullable Throwable cause,
      @Nullable String destination,
      @Nullable String hop,
      Duration elapsed) {
    super(message, cause);
    this.code = code;
    this.stage = stage;
    this.destination = destination;
    this.hop = hop;
    this.elapsed = elapsed;
  }

  /**
   * The same news with the place and the time it took. Facts already known are kept.
   *
   * @param destination {@code host:port} as asked for
   * @param hop the hop as text, such as {@code tunnel:550e8400-…}; null before one is chosen
   */
  public VpcException at(String destination, @Nullable String hop, Duration elapsed) {
    var placed =
        new VpcException(
            code,
            stage,
            String.valueOf(super.getMessage()),
            getCause(),
            this.destination != null ? this.destination : destination,
            this.hop != null ? this.hop : hop,
            this.elapsed.isZero() ? elapsed : this.elapsed);
    placed.setStackTrace(getStackTrace());
    for (var suppressed : getSuppressed()) {
      placed.addSuppressed(suppressed);
    }
    return placed;
  }

  /** The product's word for it. */
  public ErrorCode code() {
    return code;
  }

  /** How far the request had come. */
  public Stage stage() {
    return stage;
  }

  /** {@code host:port} as asked for, once known. */
  public Optional<String> destination() {
    return Optional.ofNullable(destination);
  }

  /** The hop that was to carry it, once chosen. */
  public Optional<String> hop() {
    return Optional.ofNullable(hop);
  }

  /** From the call of {@code fetch} to the failure; zero if no request was under way. */
  public Duration elapsed() {
    return elapsed;
  }

  /** Whether the same request may well succeed a little later. */
  public boolean retryMayHelp() {
    return code.retryMayHelp();
  }

  /**
   * {@code CODE: sentence (stage, destination via hop, after N ms)}: begins with the code, so that
   * a log can be searched for it.
   */
  @Override
  public String getMessage() {
    var text = new StringBuilder().append(code).append(": ").append(super.getMessage());
    if (destination != null) {
      text.append(" (").append(stage).append(", ").append(destination);
      if (hop != null) {
        text.append(" via ").append(hop);
      }
      text.append(", after ").append(elapsed.toMillis()).append(" ms)");
    }
    return text.toString();
  }
}
