package io.vpc4j.core.config.edit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an object that is to be written holds, in the order in which it is written. Not safe for use
 * by many threads.
 */
public final class Fields {

  private final Map<String, Object> members = new LinkedHashMap<>();

  private Fields() {}

  /** None yet. */
  public static Fields of() {
    return new Fields();
  }

  /** A field that holds text. */
  public Fields text(String name, String value) {
    return put(name, value);
  }

  /** A field that holds a whole number. */
  public Fields number(String name, long value) {
    return put(name, value);
  }

  /** A field that is true or false. */
  public Fields flag(String name, boolean value) {
    return put(name, value);
  }

  /** A field that holds a list of texts. */
  public Fields texts(String name, List<String> values) {
    return put(name, List.copyOf(values));
  }

  /** A field that holds a list of objects. */
  public Fields objects(String name, List<Fields> values) {
    var objects = new ArrayList<Object>();
    values.forEach(value -> objects.add(value.members()));
    return put(name, List.copyOf(objects));
  }

  private Fields put(String name, Object value) {
    if (members.putIfAbsent(name, value) != null) {
      throw new IllegalArgumentException("the field " + name + " is there already");
    }
    return this;
  }

  /** Strings, numbers, lists and maps. */
  Map<String, Object> members() {
    return new LinkedHashMap<>(members);
  }
}
