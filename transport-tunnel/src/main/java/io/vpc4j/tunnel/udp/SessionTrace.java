package io.vpc4j.tunnel.udp;

import io.vpc4j.tunnel.octets.Octets;
import java.util.function.Consumer;

/**
 * The trace that a session belongs to. [T] 4.7
 *
 * @param context {@code trace:span:parent:flags} in hex; empty if it belongs to none
 * @param onSpans hears, on the carrier's loop and before the session is there, what the connector
 *     did for it: OTLP protobuf, as it sent it, and not empty
 */
public record SessionTrace(String context, Consumer<Octets> onSpans) {

  /** None. */
  public static final SessionTrace NONE = new SessionTrace("", spans -> {});
}
