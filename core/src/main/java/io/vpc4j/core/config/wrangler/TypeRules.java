package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import java.util.regex.Pattern;

/** Rules that look only at what type a field has. */
final class TypeRules {

  private static final Pattern NAME = Pattern.compile("[a-z0-9_][a-z0-9-_]*|");

  private TypeRules() {}

  static final Rule STRING = type("string");
  static final Rule BOOLEAN = type("boolean");

  /** {@code "field" to be of type ...}; absent is fine. */
  static Rule type(String type) {
    return (scope, diagnostics, field, value) -> {
      if (value == null || Js.typeOf(value).equals(type)) {
        return true;
      }
      expected(scope, diagnostics, field, type, value);
      return false;
    };
  }

  private static void expected(
      Scope scope, Diagnostics diagnostics, String field, String what, ConfigValue value) {
    diagnostics.error(
        "Expected \""
            + field
            + "\" to be of type "
            + what
            + " but got "
            + scope.js().json(value)
            + ".",
        value);
  }

  static final Rule STRING_ARRAY =
      (scope, diagnostics, field, value) -> {
        if (value == null
            || (value instanceof ArrayValue array
                && array.elements().stream().allMatch(StringValue.class::isInstance))) {
          return true;
        }
        expected(scope, diagnostics, field, "string array", value);
        return false;
      };

  /** An array, each of whose elements is looked at. */
  static final Rule EACH_A_STRING =
      (scope, diagnostics, field, value) -> {
        if (value == null) {
          return true;
        }
        if (!(value instanceof ArrayValue array)) {
          diagnostics.error(
              "Expected \""
                  + field
                  + "\" to be an array of strings but got "
                  + scope.js().json(value),
              value);
          return false;
        }
        boolean valid = true;
        for (int i = 0; i < array.elements().size(); i++) {
          valid &=
              STRING.check(scope, diagnostics, field + ".[" + i + "]", array.elements().get(i));
        }
        return valid;
      };

  static final Rule WORKER_NAME =
      (scope, diagnostics, field, value) -> {
        if (value == null
            || (value instanceof StringValue name && NAME.matcher(name.value()).matches())) {
          return true;
        }
        expected(
            scope,
            diagnostics,
            field,
            "string, alphanumeric and lowercase with dashes only",
            value);
        return false;
      };

  static final Rule COMPLIANCE_REGION =
      (scope, diagnostics, field, value) -> {
        if (value == null
            || (value instanceof StringValue choice
                && (choice.value().equals("public") || choice.value().equals("fedramp_high")))) {
          return true;
        }
        diagnostics.error(
            "Expected \""
                + field
                + "\" field to be one of [\"public\",\"fedramp_high\"] but got "
                + scope.js().json(value)
                + ".",
            value);
        return false;
      };

  /**
   * A string that JavaScript's {@code Date} understands. Only its ISO forms are known to us, so
   * only a string that looks like one of those, and is none, is refused.
   */
  static final Rule COMPATIBILITY_DATE =
      (scope, diagnostics, field, value) -> {
        if (!(value instanceof StringValue date)) {
          return STRING.check(scope, diagnostics, field, value);
        }
        boolean dashed = date.value().indexOf('\u2013') >= 0 || date.value().indexOf('\u2014') >= 0;
        if (dashed) {
          diagnostics.error(
              "\""
                  + field
                  + "\" field should use ISO-8601 accepted hyphens (-) rather than "
                  + "en-dashes (\u2013) or em-dashes (\u2014).",
              value);
        }
        var plain = date.value().replace('\u2013', '-').replace('\u2014', '-');
        if (isNoDate(plain)) {
          diagnostics.error(
              "\""
                  + field
                  + "\" field should be a valid ISO-8601 date (YYYY-MM-DD), but got "
                  + scope.js().json(value)
                  + ".",
              value);
          return false;
        }
        return !dashed;
      };

  private static final Pattern DATE = Pattern.compile("(\\d{4})-(\\d{2})-(\\d{2})");

  private static boolean isNoDate(String text) {
    var date = DATE.matcher(text);
    if (date.matches()) {
      // V8 takes any day up to 31 and carries it over.
      int month = Integer.parseInt(date.group(2));
      int day = Integer.parseInt(date.group(3));
      return month < 1 || month > 12 || day < 1 || day > 31;
    }
    // Every form that Date reads has a digit in it; which of the others it reads is up to V8.
    return text.chars().noneMatch(c -> c >= '0' && c <= '9');
  }
}
