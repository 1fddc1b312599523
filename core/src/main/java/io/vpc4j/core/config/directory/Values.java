package io.vpc4j.core.config.directory;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** What the value tree of the formats does not say itself. */
final class Values {

  private Values() {}

  /** Where a key stands. */
  record Place(int line, int column) {}

  /** What it is, for people. */
  static String kind(ConfigValue value) {
    if (value instanceof ConfigValue.Text) {
      return "a string";
    }
    if (value instanceof ConfigValue.Num) {
      return "a number";
    }
    if (value instanceof ConfigValue.Flag flag) {
      return Boolean.toString(flag.value());
    }
    if (value instanceof ConfigValue.Null) {
      return "null";
    }
    return value instanceof ConfigValue.Sequence ? "a list" : "an object";
  }

  static OptionalLong whole(ConfigValue value) {
    if (value instanceof ConfigValue.Num number
        && (number.value() instanceof Integer || number.value() instanceof Long)) {
      return OptionalLong.of(number.value().longValue());
    }
    return OptionalLong.empty();
  }

  /** As maps, lists, strings, numbers and Booleans. */
  static Object plain(ConfigValue value) {
    if (value instanceof ConfigValue.Text text) {
      return text.value();
    }
    if (value instanceof ConfigValue.Num number) {
      return number.value();
    }
    if (value instanceof ConfigValue.Flag flag) {
      return flag.value();
    }
    if (value instanceof ConfigValue.Sequence list) {
      return list.items().stream().map(Values::plain).toList();
    }
    if (value instanceof ConfigValue.Table table) {
      var map = new LinkedHashMap<String, Object>();
      table.entries().forEach((name, member) -> map.put(name, plain(member)));
      return Map.copyOf(map);
    }
    return "";
  }

  static Place keyPlace(ConfigValue owner, String name) {
    var value = owner instanceof ConfigValue.Table table ? table.entries().get(name) : null;
    return value == null
        ? new Place(owner.line(), owner.column())
        : new Place(value.line(), value.column());
  }
}
