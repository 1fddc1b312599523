package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The names that a field of the configuration gives to bindings, whatever the field's shape. */
final class BindingNames {

  /**
   * A name, and where it is given.
   *
   * @param name as a JavaScript property key
   * @param place where it stands
   */
  record Named(String name, Place place) {}

  private BindingNames() {}

  /**
   * The names in a field's value; none if the value is of no known shape.
   *
   * <p>One odd item takes its whole list out, and an object that is no list of bindings and has no
   * {@code binding} gives all its keys: that is how variables come in.
   */
  static List<Named> of(Js js, @Nullable ConfigValue value) {
    if (value instanceof ArrayValue list) {
      return each(js, list, "binding");
    }
    if (value == null || !Js.isRecord(value)) {
      return List.of();
    }
    if (js.get(value, "bindings") instanceof ArrayValue bindings
        && each(js, bindings, "name").size() == bindings.elements().size()) {
      return each(js, bindings, "name");
    }
    var single = js.get(value, "binding");
    if (single != null) {
      return List.of(new Named(Js.text(single), Place.of(single)));
    }
    var names = new ArrayList<Named>();
    for (String key : js.keys(value)) {
      names.add(new Named(key, js.placeOf(value, key)));
    }
    return names;
  }

  /**
   * The string under {@code key} in every element; none at all if an element has no such string.
   */
  private static List<Named> each(Js js, ArrayValue list, String key) {
    var names = new ArrayList<Named>(list.elements().size());
    for (ConfigValue element : list.elements()) {
      if (!Js.isRecord(element) || !(js.get(element, key) instanceof StringValue name)) {
        return List.of();
      }
      names.add(new Named(name.value(), Place.of(name)));
    }
    return names;
  }
}
