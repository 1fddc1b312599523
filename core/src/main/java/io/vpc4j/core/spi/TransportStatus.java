package io.vpc4j.core.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a transport stands.
 *
 * @param ready whether a dial made now has a chance
 * @param summary a line for people
 * @param gauges figures by name, such as {@code connections}
 * @param details what else there is to say, as a tree: maps with names in snake case as keys,
 *     lists, strings, numbers and Booleans. A list of maps is shown as a table. Never a secret
 */
public record TransportStatus(
    boolean ready, String summary, Map<String, Long> gauges, Map<String, Object> details) {

  /** Copies the maps; the figures are sorted by name. */
  public TransportStatus {
    gauges = Collections.unmodifiableMap(new TreeMap<>(gauges));
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }

  /** With figures alone. */
  public TransportStatus(boolean ready, String summary, Map<String, Long> gauges) {
    this(ready, summary, gauges, Map.of());
  }
}
