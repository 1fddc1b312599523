package io.vpc4j.tunnel;

import io.vpc4j.tunnel.edge.StreamTraces;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.datagram.TraceIdentity;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the application's {@link TunnelTracing}, whose faults are not the flow's. */
final class EdgeTracing implements StreamTraces {

  private static final Logger LOG = LoggerFactory.getLogger(EdgeTracing.class);

  private final TunnelTracing tracing;

  EdgeTracing(TunnelTracing tracing) {
    this.tracing = tracing;
  }

  /** Whatever is on the path. */
  static StreamTraces found() {
    return ServiceLoader.load(TunnelTracing.class, TunnelTracing.class.getClassLoader())
        .findFirst()
        .<StreamTraces>map(EdgeTracing::new)
        .orElse(StreamTraces.NONE);
  }

  @Override
  public Optional<TraceIdentity> begin(String tunnelId, ConnectRequest request) {
    return ask(() -> tracing.onStream(tunnelId, request.dest()));
  }

  @Override
  public Optional<TraceIdentity> beginSession(String tunnelId, String destination) {
    return ask(() -> tracing.onSession(tunnelId, destination));
  }

  private Optional<TraceIdentity> ask(Supplier<Optional<TraceSpan>> question) {
    try {
      return question
          .get()
          .map(it -> new TraceIdentity(it.traceHigh(), it.traceLow(), it.span(), it.flags()));
    } catch (RuntimeException e) {
      LOG.warn("a flow is not traced: {} failed", tracing.getClass().getName(), e);
      return Optional.empty();
    }
  }

  @Override
  public void onSpans(TraceIdentity trace, byte[] spans) {
    try {
      var span = new TraceSpan(trace.traceHigh(), trace.traceLow(), trace.span(), trace.flags());
      tracing.onSpans(span, spans);
    } catch (RuntimeException e) {
      LOG.warn("spans are lost: {} failed", tracing.getClass().getName(), e);
    }
  }
}
