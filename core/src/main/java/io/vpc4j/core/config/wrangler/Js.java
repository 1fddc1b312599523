package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.BooleanValue;
import io.vpc4j.core.config.ConfigValue.DateTimeValue;
import io.vpc4j.core.config.ConfigValue.Member;
import io.vpc4j.core.config.ConfigValue.NullValue;
import io.vpc4j.core.config.ConfigValue.NumberValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import io.vpc4j.core.config.Dialect;
import io.vpc4j.core.config.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * JavaScript's view of a document: what {@code in}, {@code typeof}, {@code Object.keys} and a
 * template string make of it. {@code undefined} is null here. [ECMA]
 */
final class Js {

  private static final String PROTO = "__proto__";

  // jsonc-parser assigns to obj["__proto__"] and so sets the prototype; smol-toml defines a
  // property.
  private final boolean protoIsPrototype;

  Js(Dialect dialect) {
    this.protoIsPrototype = dialect == Dialect.JSONC;
  }

  /** {@code typeof value}. */
  static String typeOf(@Nullable ConfigValue value) {
    if (value == null) {
      return "undefined";
    }
    if (value instanceof StringValue) {
      return "string";
    }
    if (value instanceof NumberValue) {
      return "number";
    }
    return value instanceof BooleanValue ? "boolean" : "object";
  }

  /** {@code typeof value === "object" && value !== null}: arrays and dates too. */
  static boolean isObject(@Nullable ConfigValue value) {
    return value instanceof ObjectValue
        || value instanceof ArrayValue
        || value instanceof DateTimeValue;
  }

  /** An object, and not an array. */
  static boolean isRecord(@Nullable ConfigValue value) {
    return isObject(value) && !(value instanceof ArrayValue);
  }

  /** {@code value ?? undefined}: null is as good as absent. */
  static @Nullable ConfigValue orUndefined(@Nullable ConfigValue value) {
    return value instanceof NullValue ? null : value;
  }

  static boolean isTruthy(@Nullable ConfigValue value) {
    if (value instanceof StringValue string) {
      return !string.value().isEmpty();
    }
    if (value instanceof NumberValue number) {
      return number.value() != 0 && !Double.isNaN(number.value());
    }
    if (value instanceof BooleanValue bool) {
      return bool.value();
    }
    return isObject(value);
  }

  /** {@code Object.keys(value)}. */
  List<String> keys(@Nullable ConfigValue value) {
    var keys = new ArrayList<String>();
    if (value instanceof ObjectValue object) {
      for (Member member : JsonText.inPropertyOrder(object.members().values())) {
        if (isOwn(member.key())) {
          keys.add(member.key());
        }
      }
    } else {
      int length =
          value instanceof ArrayValue array
              ? array.elements().size()
              : value instanceof StringValue string ? string.value().length() : 0;
      for (int i = 0; i < length; i++) {
        keys.add(Integer.toString(i));
      }
    }
    return keys;
  }

  /** {@code value[key]}, inherited ones included. */
  @Nullable ConfigValue get(@Nullable ConfigValue value, String key) {
    if (value instanceof ObjectValue object) {
      var own = isOwn(key) ? object.get(key) : null;
      return own != null || !protoIsPrototype ? own : get(object.get(PROTO), key);
    }
    if (value instanceof ArrayValue array) {
      long index = JsonText.arrayIndex(key);
      if (key.equals("length")) {
        return new NumberValue(array.elements().size(), array.line(), array.column());
      }
      return index >= 0 && index < array.elements().size()
          ? array.elements().get((int) index)
          : null;
    }
    if (value instanceof StringValue string) {
      long index = JsonText.arrayIndex(key);
      var text = string.value();
      if (key.equals("length")) {
        return new NumberValue(text.length(), string.line(), string.column());
      }
      return index >= 0 && index < text.length()
          ? new StringValue(
              String.valueOf(text.charAt((int) index)), string.line(), string.column())
          : null;
    }
    return null;
  }

  /** {@code key in value}. */
  boolean has(@Nullable ConfigValue value, String key) {
    return get(value, key) != null;
  }

  /** Where {@code key} stands in {@code value}; the value itself if it is not there. */
  Place placeOf(ConfigValue value, String key) {
    var member = value instanceof ObjectValue object ? object.members().get(key) : null;
    return member == null ? Place.of(value) : Place.of(member);
  }

  /** {@code JSON.stringify(value)}. */
  String json(@Nullable ConfigValue value) {
    return value == null ? "undefined" : JsonText.of(value, this::isOwn);
  }

  /** {@code `${value}`}. */
  static String text(@Nullable ConfigValue value) {
    if (value == null) {
      return "undefined";
    }
    if (value instanceof StringValue string) {
      return string.value();
    }
    if (value instanceof NumberValue number) {
      return JsonText.number(number.value());
    }
    if (value instanceof BooleanValue bool) {
      return Boolean.toString(bool.value());
    }
    if (value instanceof ArrayValue array) {
      return array.elements().stream()
          .map(element -> element instanceof NullValue ? "" : text(element))
          .collect(Collectors.joining(","));
    }
    if (value instanceof DateTimeValue dateTime) {
      return dateTime.text();
    }
    return value instanceof NullValue ? "null" : "[object Object]";
  }

  private boolean isOwn(String key) {
    return !(protoIsPrototype && key.equals(PROTO));
  }
}
