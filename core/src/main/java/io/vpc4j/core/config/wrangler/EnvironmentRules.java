package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks the top level, or a named environment beneath it, and fills in what it lacks. */
final class EnvironmentRules {

  /** A named environment's keys; those that are refused are not unknown as well. */
  private static final List<String> KNOWN =
      Stream.concat(EnvironmentFields.NAMES.stream(), Stream.of("node_compat")).toList();

  private EnvironmentRules() {}

  /**
   * Checks one and fills it in.
   *
   * @param raw the environment as the file has it
   * @param rawTopLevel the file's top level; the same as {@code raw} if that is being checked
   * @throws WranglerCrash if wrangler would go no further
   */
  static Environment check(
      Scope scope, Diagnostics diagnostics, ConfigValue raw, ConfigValue rawTopLevel)
      throws WranglerCrash {
    if (!Js.isObject(raw)) {
      throw new WranglerCrash("an environment must be an object, not " + raw.kind(), raw);
    }
    var js = scope.js();
    boolean named = scope.topLevel() != null;
    warnOfRemoved(scope, diagnostics, raw);
    if (js.has(raw, "unsafe")
        && (!named || !js.has(rawTopLevel, "unsafe"))
        && !scope.variables().containsKey("WRANGLER_DISABLE_EXPERIMENTAL_WARNING")) {
      diagnostics.warn(
          "\"unsafe\" fields are experimental and may change or break at any time.",
          js.placeOf(raw, "unsafe"));
    }
    Map<String, ConfigValue> fields = new LinkedHashMap<>();
    for (EnvironmentFields.Field field : EnvironmentFields.ALL) {
      var name = field.name();
      var value = isIgnored(diagnostics, js, raw, name) ? null : js.get(raw, name);
      if (value != null || field.inherited()) {
        field.rule().check(scope, diagnostics, name, value);
      } else if (named && js.has(rawTopLevel, name)) {
        warnOfNotInherited(scope, diagnostics, name, raw);
      }
      var filled = fill(scope, field, Js.orUndefined(value), raw);
      if (filled != null) {
        fields.put(name, filled);
      }
    }
    if (named) {
      scope.onlyKnown(diagnostics, "env." + scope.environment(), raw, KNOWN);
    }
    return new Environment(fields);
  }

  /**
   * The environment of an unknown name: the top level's fields, all of them, under another name.
   *
   * @throws WranglerCrash if wrangler would go no further
   */
  static Environment ofUnknownName(Scope scope, Environment topLevel) throws WranglerCrash {
    for (EnvironmentFields.Field field : EnvironmentFields.ALL) {
      if (field.list() && topLevel.get(field.name()) instanceof ArrayValue list) {
        BindingRules.bindingNames(scope.js(), list); // ends at a null item, as wrangler does
      }
    }
    var fields = new LinkedHashMap<>(topLevel.fields());
    fields.remove("name");
    var name = withSuffix(scope, topLevel.get("name"));
    if (name != null) {
      fields.put("name", name);
    }
    return new Environment(fields);
  }

  private static @Nullable ConfigValue fill(
      Scope scope, EnvironmentFields.Field field, @Nullable ConfigValue value, ConfigValue raw) {
    if (value != null) {
      return value;
    }
    if (field.list()) {
      return new ArrayValue(List.of(), raw.line(), raw.column());
    }
    var inherited = field.inherited() ? scope.topLevelValue(field.name()) : null;
    return field.name().equals("name") ? withSuffix(scope, inherited) : inherited;
  }

  /** A Worker's name in an environment that gives it none of its own. */
  private static @Nullable ConfigValue withSuffix(Scope scope, @Nullable ConfigValue name) {
    return name != null && Js.isTruthy(name)
        ? new StringValue(Js.text(name) + "-" + scope.environment(), name.line(), name.column())
        : null;
  }

  private static boolean isIgnored(Diagnostics diagnostics, Js js, ConfigValue raw, String field) {
    boolean ignored =
        (field.equals("route") || field.equals("account_id"))
            && js.get(raw, field) instanceof StringValue text
            && text.value().isEmpty();
    if (ignored) {
      diagnostics.warn(
          "The \""
              + field
              + "\" field in your configuration is an empty string and will be "
              + "ignored.\nPlease remove the \""
              + field
              + "\" field from your configuration.",
          js.placeOf(raw, field));
    }
    return ignored;
  }

  private static void warnOfRemoved(Scope scope, Diagnostics diagnostics, ConfigValue raw) {
    if (scope.js().has(raw, "node_compat")) {
      diagnostics.error(
          "\u001B[1mRemoved\u001B[0m: \"node_compat\":\n"
              + "The \"node_compat\" field is no longer supported as of Wrangler v4. Instead, use "
              + "the `nodejs_compat` compatibility flag. This includes the functionality from "
              + "legacy `node_compat` polyfills and natively implemented Node.js APIs. See "
              + "https://developers.cloudflare.com/workers/runtime-apis/nodejs for more "
              + "information.",
          scope.js().placeOf(raw, "node_compat"));
    }
  }

  private static void warnOfNotInherited(
      Scope scope, Diagnostics diagnostics, String field, ConfigValue raw) {
    var path = "env." + scope.environment();
    diagnostics.warn(
        "\""
            + field
            + "\" exists at the top level, but not on \""
            + path
            + "\".\n"
            + "This is not what you probably want, since \""
            + field
            + "\" is not inherited by environments.\n"
            + "Please add \""
            + field
            + "\" to \""
            + path
            + "\".",
        raw);
  }
}
