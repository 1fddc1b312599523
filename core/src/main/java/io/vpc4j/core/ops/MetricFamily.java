package io.vpc4j.core.ops;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Figures of one kind. [PROM]
 *
 * @param name letters, digits, underscores and colons, no digit first; a counter's ends in {@code
 *     _total}, and a unit is part of it: {@code vpc4j_tunnel_sent_octets_total}
 * @param help a sentence for people
 * @param type what may be done with it
 * @param samples one for each combination of labels
 */
public record MetricFamily(String name, String help, Type type, List<Sample> samples) {

  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

  /** What a family's figures mean. */
  public enum Type {
    /** Only goes up, from zero at the start of the process. */
    COUNTER,
    /** Goes up and down. */
    GAUGE;

    /** As the format spells it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One figure.
   *
   * @param labels what sets it apart from others of its family; may be empty. Values may be any
   *     text
   * @param value not-a-number and the infinities included
   */
  public record Sample(Map<String, String> labels, double value) {
    /** Checks the names of the labels. */
    public Sample {
      for (var label : labels.keySet()) {
        if (!LABEL.matcher(label).matches() || label.startsWith("__")) {
          throw new IllegalArgumentException("not a label: " + label);
        }
      }
    }
  }

  /** Checks the name, copies the list. */
  public MetricFamily {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not a metric's name: " + name);
    }
    if (type == Type.COUNTER && !name.endsWith("_total")) {
      throw new IllegalArgumentException("a counter's name ends in _total: " + name);
    }
    samples = List.copyOf(samples);
  }

  /** A gauge with one figure. */
  public static MetricFamily gauge(String name, String help, double value) {
    return new MetricFamily(name, help, Type.GAUGE, List.of(new Sample(Map.of(), value)));
  }

  /** A counter with one figure. */
  public static MetricFamily counter(String name, String help, double value) {
    return new MetricFamily(name, help, Type.COUNTER, List.of(new Sample(Map.of(), value)));
  }
}
