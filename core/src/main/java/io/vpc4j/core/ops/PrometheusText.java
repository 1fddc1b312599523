package io.vpc4j.core.ops;

import io.vpc4j.core.ops.MetricFamily.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Figures as text. [PROM] */
final class PrometheusText {

  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final Logger LOG = LoggerFactory.getLogger(PrometheusText.class);

  private PrometheusText() {}

  /** Families of one name become one: the format has each name once. */
  static String of(List<MetricFamily> families) {
    var byName = new LinkedHashMap<String, List<MetricFamily>>();
    for (var family : families) {
      byName.computeIfAbsent(family.name(), name -> new ArrayList<>(1)).add(family);
    }
    var out = new StringBuilder(4096);
    byName.values().forEach(same -> family(same, out));
    return out.toString();
  }

  private static void family(List<MetricFamily> same, StringBuilder out) {
    var first = same.get(0);
    out.append("# HELP ").append(first.name()).append(' ');
    escape(first.help(), false, out);
    out.append("\n# TYPE ").append(first.name()).append(' ').append(first.type()).append('\n');
    for (var family : same) {
      if (family.type() != first.type()) {
        LOG.warn("{} is a {} and a {}; one is left out", first.name(), first.type(), family.type());
        continue;
      }
      family.samples().forEach(sample -> sample(first.name(), sample, out));
    }
  }

  private static void sample(String name, Sample sample, StringBuilder out) {
    out.append(name);
    char separator = '{';
    for (Map.Entry<String, String> label : sample.labels().entrySet()) {
      out.append(separator).append(label.getKey()).append("=\"");
      escape(label.getValue(), true, out);
      out.append('"');
      separator = ',';
    }
    if (separator == ',') {
      out.append('}');
    }
    out.append(' ').append(number(sample.value())).append('\n');
  }

  /** As Go reads it; a whole number without a fraction, for people. */
  private static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return Math.rint(value) == value && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static void escape(String text, boolean label, StringBuilder out) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '"' -> out.append(label ? "\\\"" : "\"");
        default -> out.append(c);
      }
    }
  }
}
