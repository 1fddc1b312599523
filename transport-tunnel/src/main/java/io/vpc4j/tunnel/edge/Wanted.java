package io.vpc4j.tunnel.edge;

import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.Metadata;
import io.vpc4j.tunnel.stream.datagram.TraceIdentity;
import java.util.ArrayList;
import java.util.function.Predicate;

/**
 * What is asked of a connector, and of which.
 *
 * @param request what is asked
 * @param fits which connections may be asked
 */
public record Wanted(ConnectRequest request, Predicate<EdgeConnection> fits) {

  /** The same, as a part of a trace. [T] 7.9 */
  Wanted tracedAs(TraceIdentity trace) {
    var metadata = new ArrayList<>(request.metadata());
    metadata.add(
        request.type() == ConnectRequest.Type.TCP
            ? new Metadata(Metadata.TRACE_ID, trace.text())
            : Metadata.header(Metadata.TRACE_ID, trace.text()));
    return new Wanted(new ConnectRequest(request.type(), request.dest(), metadata), fits);
  }

  /** Of any connector. */
  public static Wanted ofAny(ConnectRequest request) {
    return new Wanted(request, connection -> true);
  }
}
