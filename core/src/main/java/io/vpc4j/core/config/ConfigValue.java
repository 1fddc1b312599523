package io.vpc4j.core.config;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One value of a configuration document, and where it stood.
 *
 * <p>What JSON and TOML have in common, plus TOML's dates. Lines and columns count from 1, columns
 * in UTF-16 units. Immutable.
 */
public sealed interface ConfigValue {

  /** From 1. */
  int line();

  /** From 1, in UTF-16 units. */
  int column();

  /** What kind of value it is, for a sentence: {@code a string}, {@code an object}. */
  String kind();

  /**
   * One key of an object, and its value.
   *
   * @param key unescaped
   * @param line where the key stood, from 1
   * @param column where the key stood, from 1
   * @param value what it is set to
   */
  record Member(String key, int line, int column, ConfigValue value) {}

  /**
   * A JSON object or a TOML table.
   *
   * @param members in the file's order
   * @param line from 1
   * @param column from 1
   */
  record ObjectValue(Map<String, Member> members, int line, int column) implements ConfigValue {

    /** The value of {@code key}; null if the object has none. */
    public @Nullable ConfigValue get(String key) {
      var member = members.get(key);
      return member == null ? null : member.value();
    }

    @Override
    public String kind() {
      return "an object";
    }
  }

  /**
   * An array.
   *
   * @param elements in order
   * @param line from 1
   * @param column from 1
   */
  record ArrayValue(List<ConfigValue> elements, int line, int column) implements ConfigValue {
    @Override
    public String kind() {
      return "an array";
    }
  }

  /**
   * A string, unescaped; may hold lone surrogates and NUL.
   *
   * @param value its text
   * @param line from 1
   * @param column from 1
   */
  record StringValue(String value, int line, int column) implements ConfigValue {
    @Override
    public String kind() {
      return "a string";
    }
  }

  /**
   * A number, as JavaScript has it: a double.
   *
   * @param value not-a-number and the infinities included
   * @param line from 1
   * @param column from 1
   */
  record NumberValue(double value, int line, int column) implements ConfigValue {

    private static final double MAX_SAFE_INTEGER = 9_007_199_254_740_991.0;

    /** The value, if it is a whole number that a double holds exactly. */
    public OptionalLong wholeNumber() {
      return Math.rint(value) == value && Math.abs(value) <= MAX_SAFE_INTEGER
          ? OptionalLong.of((long) value)
          : OptionalLong.empty();
    }

    @Override
    public String kind() {
      return "a number";
    }
  }

  /**
   * True or false.
   *
   * @param value which
   * @param line from 1
   * @param column from 1
   */
  record BooleanValue(boolean value, int line, int column) implements ConfigValue {
    @Override
    public String kind() {
      return "a boolean";
    }
  }

  /**
   * JSON's null.
   *
   * @param line from 1
   * @param column from 1
   */
  record NullValue(int line, int column) implements ConfigValue {
    @Override
    public String kind() {
      return "null";
    }
  }

  /**
   * A TOML date, time, or both.
   *
   * @param text as the JavaScript reader prints it: milliseconds, {@code T} between date and time
   * @param line from 1
   * @param column from 1
   */
  record DateTimeValue(String text, int line, int column) implements ConfigValue {
    @Override
    public String kind() {
      return "a date or time";
    }
  }
}
