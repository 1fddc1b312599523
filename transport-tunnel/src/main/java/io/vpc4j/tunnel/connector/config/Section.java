package io.vpc4j.tunnel.connector.config;

import io.vpc4j.tunnel.connector.config.ConfigNode.Fields;
import io.vpc4j.tunnel.connector.config.ConfigNode.Items;
import io.vpc4j.tunnel.connector.config.ConfigNode.Kind;
import io.vpc4j.tunnel.connector.config.ConfigNode.Scalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One mapping of a document, read field by field. Each reader refuses what it cannot take. */
final class Section {

  /** How the document's language writes a duration. [C] 4.8 */
  enum Durations {
    /** {@code 1m30s}, in YAML. */
    GO,
    /** A whole number of seconds, in JSON. */
    SECONDS
  }

  private final Fields fields;
  private final Durations durations;

  private Section(Fields fields, Durations durations) {
    this.fields = fields;
    this.durations = durations;
  }

  static Section of(ConfigNode node, String what, Durations durations) throws ConfigException {
    if (node instanceof Fields fields) {
      return new Section(fields, durations);
    }
    throw new ConfigException(node.place(), what + " must be a mapping, not " + node.kind());
  }

  Fields fields() {
    return fields;
  }

  String place() {
    return fields.place();
  }

  /** Where {@code key} stands, or the section if it has none. */
  String place(String key) {
    var node = fields.get(key);
    return node == null ? fields.place() : node.place();
  }

  Optional<Section> section(String key) throws ConfigException {
    var node = fields.get(key);
    return node == null ? Optional.empty() : Optional.of(of(node, key, durations));
  }

  List<Section> sections(String key) throws ConfigException {
    var found = new ArrayList<Section>();
    for (var element : items(key)) {
      found.add(of(element, "each of " + key, durations));
    }
    return found;
  }

  private List<ConfigNode> items(String key) throws ConfigException {
    var node = fields.get(key);
    if (node == null) {
      return List.of();
    }
    if (node instanceof Items items) {
      return items.elements();
    }
    throw wrong(key, node, "a list");
  }

  /** Text; empty if absent. Numbers and truth values are taken as they are written. */
  String text(String key) throws ConfigException {
    var node = fields.get(key);
    if (node == null) {
      return "";
    }
    if (node instanceof Scalar scalar) {
      return scalar.text();
    }
    throw wrong(key, node, "text");
  }

  boolean flag(String key, boolean otherwise) throws ConfigException {
    var node = fields.get(key);
    if (node == null) {
      return otherwise;
    }
    if (node instanceof Scalar scalar && scalar.type() == Kind.BOOLEAN) {
      return Boolean.parseBoolean(scalar.text());
    }
    throw wrong(key, node, "true or false");
  }

  long number(String key, long otherwise, long atMost) throws ConfigException {
    var node = fields.get(key);
    return node == null ? otherwise : number(key, node, atMost);
  }

  List<Integer> numbers(String key, int atMost) throws ConfigException {
    var found = new ArrayList<Integer>();
    for (var element : items(key)) {
      found.add((int) number("each of " + key, element, atMost));
    }
    return found;
  }

  private static long number(String key, ConfigNode node, long atMost) throws ConfigException {
    if (node instanceof Scalar scalar
        && scalar.type() == Kind.INTEGER
        && scalar.text().matches("\\+?[0-9]{1,18}")) {
      var number = Long.parseLong(scalar.text());
      if (number <= atMost) {
        return number;
      }
    }
    throw new ConfigException(
        node.place(), key + " must be a whole number from 0 to " + atMost + said(node));
  }

  /** A duration; {@code otherwise} if absent. At most a day. */
  Duration duration(String key, Duration otherwise) throws ConfigException {
    var node = fields.get(key);
    if (node == null) {
      return otherwise;
    }
    var duration =
        durations == Durations.SECONDS
            ? Duration.ofSeconds(number(key, node, Duration.ofDays(1).toSeconds()))
            : goDuration(key, node);
    if (duration.compareTo(Duration.ofDays(1)) > 0) {
      throw new ConfigException(node.place(), key + " must be at most 24h");
    }
    return duration;
  }

  private static Duration goDuration(String key, ConfigNode node) throws ConfigException {
    var duration =
        node instanceof Scalar scalar
            ? GoDuration.parse(scalar.text())
            : Optional.<Duration>empty();
    return duration.orElseThrow(
        () ->
            new ConfigException(
                node.place(), key + " must be a duration such as 30s or 1m30s" + said(node)));
  }

  private static ConfigException wrong(String key, ConfigNode node, String wanted) {
    return new ConfigException(node.place(), key + " must be " + wanted + said(node));
  }

  private static String said(@Nullable ConfigNode node) {
    return node instanceof Scalar scalar && scalar.type() != Kind.NULL
        ? ", not \"" + scalar.text() + "\""
        : node == null ? "" : ", not " + node.kind();
  }
}
