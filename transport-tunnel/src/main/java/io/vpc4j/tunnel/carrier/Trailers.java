package io.vpc4j.tunnel.carrier;

import java.util.List;
import java.util.Map;

/**
 * The trailer fields of an HTTP response: a user event on the edge's stream channel, before its
 * end; written to the connector's as the end of its output. HTTP/2 alone has them ([T] 4.3).
 *
 * @param fields name and value, in order; a repeated name repeats
 */
public record Trailers(List<Map.Entry<String, String>> fields) {
  /** Copies. */
  public Trailers {
    fields = List.copyOf(fields);
  }
}
