package io.vpc4j.tunnel.connector.serve;

import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.HeaderField;
import io.vpc4j.tunnel.stream.Metadata;
import io.vpc4j.tunnel.stream.datagram.TraceIdentity;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Records what is done for requests that belong to a trace, and are to be recorded. [C] 7.9
 *
 * <p>Safe for use by many threads.
 */
public final class Tracer {

  private static final int SAMPLED = 1;

  private final InstantSource wall;
  private final LongSupplier random;
  private final String version;

  /**
   * Records.
   *
   * @param random chance: ids of spans
   * @param version the connector's release
   */
  public Tracer(InstantSource wall, LongSupplier random, String version) {
    this.wall = wall;
    this.random = random;
    this.version = version;
  }

  /** What is to be recorded of a request; empty if nothing is. */
  Optional<RequestTrace> of(ConnectRequest request) {
    return request.first(Metadata.TRACE_ID).or(() -> header(request)).flatMap(this::of);
  }

  /**
   * What is to be recorded of something that belongs to a trace; empty if nothing is.
   *
   * @param context {@code trace:span:parent:flags} in hex
   */
  Optional<RequestTrace> of(String context) {
    return TraceIdentity.parse(context)
        .filter(trace -> (trace.flags() & SAMPLED) != 0)
        .map(trace -> new RequestTrace(this, trace));
  }

  private static Optional<String> header(ConnectRequest request) {
    return request.headers().stream()
        .filter(field -> field.name().equalsIgnoreCase(Metadata.TRACE_ID))
        .map(HeaderField::value)
        .findFirst();
  }

  /** Nanoseconds since 1970. */
  long now() {
    var now = wall.instant();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  /** The id of a new span, not zero. */
  long id() {
    var id = random.getAsLong();
    return id == 0 ? 1 : id;
  }

  String version() {
    return version;
  }
}
