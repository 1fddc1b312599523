package io.vpc4j.core.config.directory;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the file holds, whichever format it is in, and where: line and column from 1, or 0 where the
 * parser does not know.
 */
sealed interface Value {

  int line();

  int column();

  /** What it is, for people. */
  String kind();

  /** As maps, lists, strings, numbers and Booleans. A null, and a date, is text. */
  Object plain();

  /** A string. */
  record Text(String value, int line, int column) implements Value {
    @Override
    public String kind() {
      return "a string";
    }

    @Override
    public Object plain() {
      return value;
    }
  }

  /**
   * A whole number that fits, as Integer or Long; any other as Double, BigInteger or BigDecimal.
   */
  record Amount(Number value, int line, int column) implements Value {
    @Override
    public String kind() {
      return "a number";
    }

    @Override
    public Object plain() {
      return value;
    }
  }

  /** True or false. */
  record Flag(boolean value, int line, int column) implements Value {
    @Override
    public String kind() {
      return Boolean.toString(value);
    }

    @Override
    public Object plain() {
      return value;
    }
  }

  /** What neither format's other values are: JSON's null, TOML's dates and times. */
  record Other(String kind, String value, int line, int column) implements Value {
    @Override
    public Object plain() {
      return value;
    }
  }

  /** A list. */
  record Sequence(List<Value> items, int line, int column) implements Value {
    @Override
    public String kind() {
      return "a list";
    }

    @Override
    public Object plain() {
      return items.stream().map(Value::plain).toList();
    }
  }

  /**
   * An object, in the order of the file.
   *
   * @param members by name
   */
  record Table(Map<String, Member> members, int line, int column) implements Value {
    @Override
    public String kind() {
      return "an object";
    }

    @Override
    public Object plain() {
      var map = new LinkedHashMap<String, Object>();
      members.forEach((name, member) -> map.put(name, member.value().plain()));
      return Map.copyOf(map);
    }
  }

  /** A value and where its name stands. */
  record Member(Value value, int line, int column) {}
}
