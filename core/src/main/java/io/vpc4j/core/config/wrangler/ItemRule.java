package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rule of one item of a list of bindings, put together from checks of its keys.
 *
 * <p>Almost every product says {@code "F" <wording> but got V.}, each in wording of its own.
 */
final class ItemRule implements Rule {

  /** A check of one key; answers whether the item passes. */
  @FunctionalInterface
  interface Check {
    boolean passes(Scope scope, Diagnostics diagnostics, String field, ConfigValue item);
  }

  private final String listName;
  private final List<Check> checks = new ArrayList<>();

  private ItemRule(String listName) {
    this.listName = listName;
  }

  /** Items that, if they are no objects, are called {@code "listName" bindings}. */
  static ItemRule of(String listName) {
    return new ItemRule(listName);
  }

  ItemRule and(Check check) {
    checks.add(check);
    return this;
  }

  /** A key that must be there and be of a type. */
  ItemRule required(String key, String type, String wording) {
    return and(
        (scope, diagnostics, field, item) -> {
          boolean passes = Js.typeOf(scope.js().get(item, key)).equals(type);
          return passes || refuse(scope, diagnostics, field, item, wording);
        });
  }

  /** {@code "binding"}, in the wording most products share. */
  ItemRule named() {
    return required("binding", "string", "bindings should have a string \"binding\" field");
  }

  /** {@code "binding"}, in the wording of the others. */
  ItemRule strictlyNamed() {
    return required("binding", "string", "bindings must have a string \"binding\" field");
  }

  /** A key that, if it is there, must be of a type. */
  ItemRule optional(String key, String type, String wording) {
    return and(
        (scope, diagnostics, field, item) -> {
          var value = scope.js().get(item, key);
          boolean passes = value == null || Js.typeOf(value).equals(type);
          return passes || refuse(scope, diagnostics, field, item, wording);
        });
  }

  /** An optional string, in the wording most products share. */
  ItemRule optionalString(String key) {
    return optional(
        key, "string", "bindings should, optionally, have a string \"" + key + "\" field");
  }

  /** A key that, if it is there, must be a string with something in it. */
  ItemRule filledIfPresent(String key, String wording) {
    return and(
        (scope, diagnostics, field, item) -> {
          var value = scope.js().get(item, key);
          boolean passes =
              value == null || (value instanceof StringValue text && !text.value().isEmpty());
          return passes || refuse(scope, diagnostics, field, item, wording);
        });
  }

  /** {@code "remote"}; a VPC binding does not have this check. */
  ItemRule remote() {
    return optional("remote", "boolean", "should, optionally, have a boolean \"remote\" field");
  }

  /** Warns of every other key. */
  ItemRule only(String... known) {
    var names = List.of(known);
    return and(
        (scope, diagnostics, field, item) -> {
          scope.onlyKnown(diagnostics, field, item, names);
          return true;
        });
  }

  static boolean refuse(
      Scope scope, Diagnostics diagnostics, String field, ConfigValue item, String wording) {
    diagnostics.error(
        "\"" + field + "\" " + wording + " but got " + scope.js().json(item) + ".", item);
    return false;
  }

  @Override
  public boolean check(
      Scope scope, Diagnostics diagnostics, String field, @Nullable ConfigValue item) {
    if (item == null) {
      return true;
    }
    if (!Js.isObject(item)) {
      diagnostics.error(
          "\"" + listName + "\" bindings should be objects, but got " + scope.js().json(item),
          item);
      return false;
    }
    boolean valid = true;
    for (Check check : checks) {
      valid &= check.passes(scope, diagnostics, field, item);
    }
    return valid;
  }
}
