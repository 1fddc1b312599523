package io.vpc4j.tunnel.connector.supervise;

import java.time.Duration;

/**
 * An edge's no to a registration. [C] 5.3, 6.5
 *
 * @param cause its text
 * @param retry whether it said that another try may help
 * @param retryAfter how long it wants to be left alone; zero if it did not say
 */
public record Refusal(String cause, Retry retry, Duration retryAfter) {

  /** The longest an edge may send us away for. */
  public static final Duration MAX_RETRY_AFTER = Duration.ofMinutes(5);

  /** The edge has this connector's other connection, and wants this one elsewhere. [C] 6.5 */
  public static final String DUPLICATE = "EDUPCONN";

  /** What the edge said of another try. */
  public enum Retry {
    /** It may help. */
    WORTHWHILE,
    /** It will not. */
    POINTLESS
  }

  /** Bounds the pause. */
  public Refusal {
    if (retryAfter.isNegative()) {
      retryAfter = Duration.ZERO;
    } else if (retryAfter.compareTo(MAX_RETRY_AFTER) > 0) {
      retryAfter = MAX_RETRY_AFTER;
    }
  }

  boolean duplicate() {
    return cause.equals(DUPLICATE);
  }

  /** Whether a connector that never registered gives up. [C] 6.5 */
  boolean ends() {
    return retry == Retry.POINTLESS && !duplicate() && !cause.contains("Unauthorized");
  }
}
