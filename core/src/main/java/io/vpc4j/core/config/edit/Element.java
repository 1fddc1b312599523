package io.vpc4j.core.config.edit;

import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One element of a list in the file, to be recognised by what it holds. Immutable. */
public final class Element {

  private final ConfigValue value;

  Element(ConfigValue value) {
    this.value = value;
  }

  /** The text of a field; empty if it has no such field, or it holds something else. */
  public Optional<String> text(String field) {
    return value instanceof ObjectValue object && object.get(field) instanceof StringValue text
        ? Optional.of(text.value())
        : Optional.empty();
  }

  /**
   * The texts in a field's list; none if it has no such field, or it holds something else. What in
   * the list is no text is empty text here.
   */
  public List<String> texts(String field) {
    return value instanceof ObjectValue object ? textsOf(object.get(field)) : List.of();
  }

  static List<String> textsOf(@Nullable ConfigValue list) {
    return list instanceof ArrayValue array
        ? array.elements().stream()
            .map(element -> element instanceof StringValue text ? text.value() : "")
            .toList()
        : List.of();
  }

  /** The objects in a field's list; none if it has no such field, or it holds something else. */
  public List<Element> objects(String field) {
    return value instanceof ObjectValue object && object.get(field) instanceof ArrayValue array
        ? array.elements().stream().filter(ObjectValue.class::isInstance).map(Element::new).toList()
        : List.of();
  }

  /** Whether it has a field, whatever it holds. */
  public boolean has(String field) {
    return value instanceof ObjectValue object && object.get(field) != null;
  }

  /** From 1. */
  public int line() {
    return value.line();
  }
}
