package io.vpc4j.core.config.directory;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An object whose fields are known. Its unknown fields are noted when it is made. */
final class Section {

  private final Item item;
  private final Shape shape;
  private final Map<String, Item> fields;
  private final Set<String> refused = new HashSet<>();

  Section(Item item, Shape shape) {
    this.item = item;
    this.shape = shape;
    this.fields = item.entries();
    for (var name : fields.keySet()) {
      if (!shape.fields().contains(name)) {
        item.unknown(name, shape.fields());
      }
    }
  }

  Reading reading() {
    return item.reading();
  }

  /** Notes a problem of the object as a whole. */
  void error(String message) {
    item.error(message);
  }

  boolean has(String name) {
    return field(name).isPresent();
  }

  /** The field, unless it is absent or was refused. */
  Optional<Item> field(String name) {
    if (!shape.fields().contains(name)) {
      throw new IllegalArgumentException("no field " + name + " in " + shape);
    }
    return refused.contains(name) ? Optional.empty() : Optional.ofNullable(fields.get(name));
  }

  /** As {@link #field}, in readers that serve two shapes of which one lacks it. */
  Optional<Item> fieldIfKnown(String name) {
    return shape.fields().contains(name) ? field(name) : Optional.empty();
  }

  /** The field; its absence is a problem. */
  Optional<Item> required(String name) {
    var field = field(name);
    if (field.isEmpty()) {
      item.error("must have a \"" + name + "\"");
    }
    return field;
  }

  /** Makes a problem of a field that is there, and has it absent from now on. */
  void refuse(String name, String reason) {
    field(name)
        .ifPresent(
            field -> {
              field.error(reason);
              refused.add(name);
            });
  }

  Optional<String> text(String name) {
    return field(name).flatMap(Item::text);
  }

  Optional<Section> section(String name, Shape inner) {
    return field(name).flatMap(field -> field.section(inner));
  }

  Optional<Section> requiredSection(String name, Shape inner) {
    return required(name).flatMap(field -> field.section(inner));
  }

  /** The members of a list; none if it is absent. */
  List<Item> items(String name) {
    return field(name).map(Item::items).orElse(List.of());
  }

  /** The members of a list, or the one value that stands for a list of one. */
  List<Item> oneOrMore(String name) {
    var field = field(name);
    return field.isPresent() && !field.orElseThrow().isList()
        ? List.of(field.orElseThrow())
        : items(name);
  }

  /** The members of an object with names of its own; none if it is absent. */
  Map<String, Item> entries(String name) {
    return field(name).map(Item::entries).orElse(Map.of());
  }
}
