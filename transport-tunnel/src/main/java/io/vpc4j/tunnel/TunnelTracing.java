package io.vpc4j.tunnel;

import java.util.Optional;

/**
 * Traces through tunnels: says which streams and sessions belong to a trace, and hears what
 * connectors did for them. Optional; without one nothing is traced, and nothing is added to any
 * stream.
 *
 * <p>Given to {@link TunnelEdge.Builder#tracing}, or found as a service of this type, which is the
 * way for the edge that a binding opens. Where several are found the first is used.
 *
 * <p>A stream is one TCP connection through a tunnel. Requests that share a kept connection share
 * its trace. Connectors tell spans of streams that they accept, with the answer: how long the
 * origin's connection took, {@code stream-connect}; and of UDP sessions, {@code register-session}.
 *
 * <p>The methods are called on event loops: they must not block. What they throw is logged, and the
 * stream goes on without a trace.
 */
public interface TunnelTracing {

  /**
   * A stream is about to be opened.
   *
   * @param tunnelId which tunnel
   * @param destination {@code ip:port}, IPv6 in brackets
   * @return the span that the connector's are children of; empty if the stream is not traced. A
   *     connector tells nothing where it is not {@link TraceSpan#SAMPLED}
   */
  Optional<TraceSpan> onStream(String tunnelId, String destination);

  /**
   * A UDP session is about to be opened, through a connector that speaks version 2 of datagrams:
   * version 3 ({@code support_datagram_v3_2}) has no place for a trace, and nobody is asked.
   *
   * @param tunnelId which tunnel
   * @param destination {@code ip:port}, IPv6 in brackets
   * @return as {@link #onStream} does; by default empty
   */
  default Optional<TraceSpan> onSession(String tunnelId, String destination) {
    return Optional.empty();
  }

  /**
   * A connector has told what it did for a stream, or a session.
   *
   * @param span as {@link #onStream} or {@link #onSession} returned it
   * @param spans an {@code ExportTraceServiceRequest} of OTLP in protobuf, unchanged: what the
   *     {@code /v1/traces} of an OpenTelemetry collector takes as {@code application/x-protobuf}.
   *     At most 256 KiB; a connector may send anything, so whoever reads it checks it
   */
  void onSpans(TraceSpan span, byte[] spans);
}
