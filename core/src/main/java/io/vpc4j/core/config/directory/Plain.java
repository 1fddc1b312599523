package io.vpc4j.core.config.directory;

import io.vpc4j.core.config.ConfigValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;

/** Values without their places, for those who read a section that is not ours to understand. */
final class Plain {

  private Plain() {}

  /**
   * Maps in the order of the file, lists, strings, Booleans; numbers as Integer or Long where they
   * are whole, else Double; dates as text. A null is left out of whatever it is in, and alone is an
   * empty string.
   */
  static Object of(ConfigValue value) {
    if (value instanceof ConfigValue.ObjectValue object) {
      var map = new LinkedHashMap<String, Object>();
      for (var member : object.members().values()) {
        if (!(member.value() instanceof ConfigValue.NullValue)) {
          map.put(member.key(), of(member.value()));
        }
      }
      return Collections.unmodifiableMap(map);
    }
    if (value instanceof ConfigValue.ArrayValue array) {
      var list = new ArrayList<Object>(array.elements().size());
      for (var element : array.elements()) {
        if (!(element instanceof ConfigValue.NullValue)) {
          list.add(of(element));
        }
      }
      return Collections.unmodifiableList(list);
    }
    if (value instanceof ConfigValue.NumberValue number) {
      return number(number);
    }
    if (value instanceof ConfigValue.BooleanValue flag) {
      return flag.value();
    }
    if (value instanceof ConfigValue.StringValue text) {
      return text.value();
    }
    return value instanceof ConfigValue.DateTimeValue date ? date.text() : "";
  }

  private static Number number(ConfigValue.NumberValue number) {
    var whole = number.wholeNumber();
    if (whole.isEmpty()) {
      return number.value();
    }
    var value = whole.getAsLong();
    if (value == (int) value) {
      return (int) value;
    }
    return value;
  }
}
