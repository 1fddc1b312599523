package io.vpc4j.core.config.edit;

import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.BooleanValue;
import io.vpc4j.core.config.ConfigValue.DateTimeValue;
import io.vpc4j.core.config.ConfigValue.NumberValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The edits again, on values: what a text must say once it has been edited. Slow, obvious, and what
 * every edit is checked against.
 *
 * <p>Objects are maps, arrays lists; other values are what they are. A list that has lost its last
 * element and a list that is not there are the same, since in TOML they cannot be told apart.
 */
final class Values {

  /** A date is no text, and null is a value. */
  private record Other(String kind, String text) {}

  private Values() {}

  static Object of(ConfigValue value) {
    if (value instanceof ObjectValue object) {
      var map = new LinkedHashMap<String, Object>();
      object.members().forEach((key, member) -> map.put(key, of(member.value())));
      return map;
    }
    if (value instanceof ArrayValue array) {
      var list = new ArrayList<Object>();
      array.elements().forEach(element -> list.add(of(element)));
      return list;
    }
    if (value instanceof StringValue text) {
      return text.value();
    }
    if (value instanceof NumberValue number) {
      return number.value();
    }
    if (value instanceof BooleanValue flag) {
      return flag.value();
    }
    return value instanceof DateTimeValue date
        ? new Other("date", date.text())
        : new Other("null", "");
  }

  /** A new value, as one that has been read. */
  private static Object read(Object value) {
    if (value instanceof Map<?, ?> map) {
      var copy = new LinkedHashMap<String, Object>();
      map.forEach((key, member) -> copy.put((String) key, read(member)));
      return copy;
    }
    if (value instanceof List<?> list) {
      var copy = new ArrayList<Object>();
      list.forEach(element -> copy.add(read(element)));
      return copy;
    }
    return value instanceof Number number ? (Object) number.doubleValue() : value;
  }

  static void append(Object root, List<String> path, Object element) {
    list(root, path).add(read(element));
  }

  static void remove(Object root, List<String> path, int index) {
    list(root, path).remove(index);
  }

  static void set(Object root, List<String> path, Object value) {
    map(root, path.subList(0, path.size() - 1)).put(path.get(path.size() - 1), read(value));
  }

  /** The object that an element of a list is. */
  static Object element(Object root, List<String> path, int index) {
    return list(root, path).get(index);
  }

  static void unset(Object root, List<String> path) {
    map(root, path.subList(0, path.size() - 1)).remove(path.get(path.size() - 1));
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object root, List<String> path) {
    var holder = map(root, path.subList(0, path.size() - 1));
    return (List<Object>)
        holder.computeIfAbsent(path.get(path.size() - 1), key -> new ArrayList<Object>());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object root, List<String> path) {
    var map = (Map<String, Object>) root;
    for (var key : path) {
      map =
          (Map<String, Object>)
              map.computeIfAbsent(key, any -> new LinkedHashMap<String, Object>());
    }
    return map;
  }

  /** Without empty lists and objects on the way that {@code path} goes. */
  static Object withoutEmpty(Object root, List<String> path) {
    if (!path.isEmpty() && root instanceof Map<?, ?> map) {
      var member = map.get(path.get(0));
      if (member != null) {
        withoutEmpty(member, path.subList(1, path.size()));
        if ((member instanceof List<?> list && list.isEmpty())
            || (member instanceof Map<?, ?> inner && inner.isEmpty())) {
          map.remove(path.get(0));
        }
      }
    }
    return root;
  }
}
