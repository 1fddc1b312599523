package io.vpc4j.tunnel.stream;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.ListReader;
import io.vpc4j.tunnel.rpc.capnp.StructBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One line of what goes with a request or a response. [T] 4.3
 *
 * <p>A character is an octet, U+0000 to U+00FF, as in the fields of HTTP (RFC 9110 5.5): what a
 * server sent in another encoding passes unchanged.
 *
 * @param key such as {@code HttpMethod}, or {@code HttpHeader:} and a name
 * @param value the value
 */
public record Metadata(String key, String value) {

  /** The method of an HTTP request. */
  public static final String HTTP_METHOD = "HttpMethod";

  /** The Host of an HTTP request, by which a connector chooses its rule. */
  public static final String HTTP_HOST = "HttpHost";

  /** The status of an HTTP response, decimal. */
  public static final String HTTP_STATUS = "HttpStatus";

  /** Followed by the name of a header. */
  public static final String HTTP_HEADER = "HttpHeader:";

  /** A name for a TCP flow, for the connector's log. */
  public static final String FLOW_ID = "FlowID";

  /** The trace that a request belongs to. [T] 7.9 */
  public static final String TRACE_ID = "cf-trace-id";

  /** The connector's spans: base64 of OTLP protobuf. [T] 7.9 */
  public static final String TRACING = "Cf-Int-Cloudflared-Tracing";

  /** {@code true} where the limit on flows was reached. [T] 7.6 */
  public static final String FLOW_RATE_LIMITED = "FlowConnectRateLimited";

  /** The most lines of a message that are read. */
  static final int MAX_LINES = 4096;

  private static final int POINTERS = 2;

  /** The line of a header. */
  public static Metadata header(String name, String value) {
    return new Metadata(HTTP_HEADER + name, value);
  }

  /** The value of the first line with that key. */
  static Optional<String> first(List<Metadata> lines, String key) {
    return lines.stream().filter(line -> line.key.equals(key)).map(Metadata::value).findFirst();
  }

  /** The headers among the lines, in their order, without the prefix. */
  static Stream<HeaderField> headers(List<Metadata> lines) {
    return lines.stream()
        .filter(line -> line.key.startsWith(HTTP_HEADER))
        .map(line -> new HeaderField(line.key.substring(HTTP_HEADER.length()), line.value));
  }

  static List<Metadata> readAll(ListReader in) throws Malformed {
    if (in.size() > MAX_LINES) {
      throw new Malformed(Malformed.Reason.LIMIT, in.size() + " lines of metadata");
    }
    var lines = new ArrayList<Metadata>(in.size());
    for (var i = 0; i < in.size(); i++) {
      var line = in.struct(i);
      lines.add(new Metadata(line.latin1(0), line.latin1(1)));
    }
    return List.copyOf(lines);
  }

  static void writeAll(StructBuilder message, int pointer, List<Metadata> lines) {
    var out = message.structs(pointer, lines.size(), 0, POINTERS);
    for (var i = 0; i < lines.size(); i++) {
      out.at(i).latin1(0, lines.get(i).key).latin1(1, lines.get(i).value);
    }
  }
}
