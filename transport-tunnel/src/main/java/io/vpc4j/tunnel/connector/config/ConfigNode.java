package io.vpc4j.tunnel.connector.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One value of a YAML or JSON document, and where it stood. Immutable. */
public sealed interface ConfigNode {

  /** {@code config.yml:3:5}: the document, the line and the column, both from 1. */
  String place();

  /** What kind of value it is, for a sentence. */
  String kind();

  /**
   * Text, a number, a truth value, or nothing.
   *
   * @param text as it was written, unescaped
   * @param type what the language takes it for
   * @param place where it stood
   */
  record Scalar(String text, Kind type, String place) implements ConfigNode {
    @Override
    public String kind() {
      return type.words;
    }
  }

  /** What a scalar is. */
  enum Kind {
    /** Quoted, or not taken for anything else. */
    TEXT("text"),
    /** A whole number. */
    INTEGER("a whole number"),
    /** A number with a fraction or an exponent. */
    DECIMAL("a number"),
    /** True or false. */
    BOOLEAN("a truth value"),
    /** Nothing. */
    NULL("nothing");

    final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  /**
   * A list.
   *
   * @param elements in order
   * @param place where it stood
   */
  record Items(List<ConfigNode> elements, String place) implements ConfigNode {
    /** Copies. */
    public Items {
      elements = List.copyOf(elements);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /**
   * A mapping with text keys.
   *
   * @param fields in the document's order
   * @param place where it stood
   */
  record Fields(Map<String, ConfigNode> fields, String place) implements ConfigNode {
    /** The value of {@code key}; null if there is none, or it is nothing. */
    public @Nullable ConfigNode get(String key) {
      var value = fields.get(key);
      return value instanceof Scalar scalar && scalar.type() == Kind.NULL ? null : value;
    }

    @Override
    public String kind() {
      return "a mapping";
    }
  }
}
