package io.vpc4j.core.spi;

import java.util.Map;
import java.util.TreeMap;

/**
 * How a transport stands.
 *
 * @param ready whether a dial made now has a chance
 * @param summary a line for people
 * @param gauges figures by name, such as {@code connections}
 */
public record TransportStatus(boolean ready, String summary, Map<String, Long> gauges) {

  /** Copies the map, sorted by name. */
  public TransportStatus {
    gauges = java.util.Collections.unmodifiableMap(new TreeMap<>(gauges));
  }
}
