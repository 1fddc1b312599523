package io.vpc4j.integrationtests.interop;

import io.vpc4j.tunnel.edge.StreamTraces;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.datagram.TraceIdentity;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Traces the streams of an edge once a row has said so, and keeps what connectors tell. */
final class RecordedTraces implements StreamTraces {

  final BlockingQueue<byte[]> told = new LinkedBlockingQueue<>();
  private volatile Optional<TraceIdentity> trace = Optional.empty();

  /** From now on every stream is of that trace. */
  void begin(TraceIdentity all) {
    trace = Optional.of(all);
  }

  @Override
  public Optional<TraceIdentity> begin(String tunnelId, ConnectRequest request) {
    return trace;
  }

  @Override
  public Optional<TraceIdentity> beginSession(String tunnelId, String destination) {
    return trace;
  }

  @Override
  public void onSpans(TraceIdentity of, byte[] spans) {
    told.add(spans);
  }
}
