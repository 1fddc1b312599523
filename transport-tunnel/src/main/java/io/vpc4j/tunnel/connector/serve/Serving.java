package io.vpc4j.tunnel.connector.serve;

import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.stream.ConnectRequest;

/** Answers what an edge asks for, each request by its kind. */
public final class Serving {

  private final TcpRequests tcp;
  private final HttpRequests http;
  private final UdpFlows.Shared udp;
  private final Counters counters;
  private final FlowLog log;

  /** Serves with these. */
  public Serving(
      TcpRequests tcp, HttpRequests http, UdpFlows.Shared udp, Counters counters, FlowLog log) {
    this.log = log;
    this.tcp = tcp;
    this.http = http;
    this.udp = udp;
    this.counters = counters;
  }

  /** What the UDP sessions of every connection share. */
  public UdpFlows.Shared udp() {
    return udp;
  }

  /** Answers one request. Called on the stream's loop. */
  public void serve(IncomingStream asked) {
    var stream = log.listening() ? new ToldStream(asked, log) : asked;
    counters.requests.increment();
    counters.concurrentRequests.incrementAndGet();
    stream
        .channel()
        .closeFuture()
        .addListener(closed -> counters.concurrentRequests.decrementAndGet());
    if (stream.request().type() == ConnectRequest.Type.TCP) {
      tcp.serve(stream);
    } else {
      http.serve(stream);
    }
  }
}
