package io.vpc4j.core.ops;

import io.vpc4j.core.config.JsonText;
import java.util.Collection;
import java.util.Map;

/** A status tree as JSON, one line. RFC 8259 */
public final class StatusJson {

  private StatusJson() {}

  /**
   * Writes maps, collections, strings, numbers and Booleans.
   *
   * @throws IllegalArgumentException if there is anything else in it
   */
  public static String of(Object tree) {
    var out = new StringBuilder(1024);
    write(tree, out);
    return out.toString();
  }

  private static void write(Object value, StringBuilder out) {
    if (value instanceof Map<?, ?> map) {
      char separator = '{';
      for (var entry : map.entrySet()) {
        out.append(separator).append(JsonText.quote(String.valueOf(entry.getKey()))).append(':');
        write(entry.getValue(), out);
        separator = ',';
      }
      out.append(separator == '{' ? "{}" : "}");
    } else if (value instanceof Collection<?> list) {
      char separator = '[';
      for (var element : list) {
        write(element, out.append(separator));
        separator = ',';
      }
      out.append(separator == '[' ? "[]" : "]");
    } else if (value instanceof String text) {
      out.append(JsonText.quote(text));
    } else if (value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof Number number) {
      // JSON has no infinity and no not-a-number. RFC 8259 6
      out.append(
          Double.isFinite(number.doubleValue()) ? JsonText.number(number.doubleValue()) : "null");
    } else {
      throw new IllegalArgumentException("no place in a status: " + value.getClass());
    }
  }
}
