package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.DateTimeValue;
import io.vpc4j.core.config.ConfigValue.NullValue;
import io.vpc4j.core.config.ConfigValue.ObjectValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules of whole fields that hold bindings: lists, containers, single ones, variables. */
final class BindingRules {

  // Types of "unsafe" bindings that have a field of their own by now.
  private static final Set<String> SUPPORTED_TYPES =
      Set.of(
          "plain_text",
          "secret_text",
          "json",
          "wasm_module",
          "data_blob",
          "text_blob",
          "browser",
          "ai",
          "ai_search_namespace",
          "ai_search",
          "websearch",
          "agent_memory",
          "kv_namespace",
          "durable_object_namespace",
          "d1_database",
          "r2_bucket",
          "service",
          "logfwdr",
          "mtls_certificate",
          "pipeline",
          "worker_loader",
          "vpc_service",
          "flagship",
          "vpc_network",
          "stream",
          "media",
          "artifacts");

  private BindingRules() {}

  /** An array of bindings, and in an environment: the top level's names, repeated. */
  static Rule list(Rule item) {
    return (scope, diagnostics, field, value) -> {
      if (value == null) {
        return true;
      }
      var path = scope.path(field);
      if (!(value instanceof ArrayValue list)) {
        diagnostics.error(
            "The field \"" + path + "\" should be an array but got " + scope.js().json(value) + ".",
            value);
        return false;
      }
      boolean valid = true;
      for (int i = 0; i < list.elements().size(); i++) {
        valid &= item.check(scope, diagnostics, path + "[" + i + "]", list.elements().get(i));
      }
      if (scope.topLevelValue(field) instanceof ArrayValue above) {
        warnOfMissing(scope, diagnostics, field, above, list);
      }
      return valid;
    };
  }

  private static void warnOfMissing(
      Scope scope, Diagnostics diagnostics, String field, ArrayValue above, ArrayValue list)
      throws WranglerCrash {
    var wanted = bindingNames(scope.js(), above);
    if (wanted.isEmpty()) {
      return;
    }
    var present = new HashSet<>(bindingNames(scope.js(), list));
    for (Name name : wanted) {
      if (present.contains(name)) {
        continue;
      }
      var text = Js.text(name.value);
      var environment = scope.environment();
      diagnostics.warn(
          "There is a "
              + field
              + " binding with name \""
              + text
              + "\" at the top level, but not on \"env."
              + environment
              + "\".\n"
              + "This is not what you probably want, since \""
              + field
              + "\" configuration is not inherited by environments.\n"
              + "Please add a binding for \""
              + text
              + "\" to \"env."
              + environment
              + "."
              + field
              + ".bindings\".",
          list);
    }
  }

  /** {@code item.binding} of every item. */
  static List<Name> bindingNames(Js js, ArrayValue list) throws WranglerCrash {
    var names = new ArrayList<Name>(list.elements().size());
    for (ConfigValue item : list.elements()) {
      if (item instanceof NullValue) {
        throw new WranglerCrash("an item of a list of bindings must not be null", item);
      }
      names.add(new Name(js.get(item, "binding")));
    }
    return names;
  }

  /** Equal where JavaScript's are: strings and the like by value, objects by identity. */
  record Name(@Nullable ConfigValue value) {
    @Override
    public boolean equals(@Nullable Object other) {
      if (!(other instanceof Name that)) {
        return false;
      }
      if (Js.isObject(value) || Js.isObject(that.value)) {
        return value == that.value;
      }
      return Js.typeOf(value).equals(Js.typeOf(that.value))
          && Js.text(value).equals(Js.text(that.value));
    }

    @Override
    public int hashCode() {
      return Js.isObject(value) ? System.identityHashCode(value) : Js.text(value).hashCode();
    }
  }

  /** An object whose {@code bindings} are a list. */
  static Rule container(Rule item) {
    return (scope, diagnostics, field, value) -> {
      if (value == null) {
        return true;
      }
      var path = scope.path(field);
      boolean valid = true;
      if (!Js.isRecord(value)) {
        refuseNoObject(scope, diagnostics, path, value);
        valid = false;
      } else if (!scope.js().has(value, "bindings")) {
        diagnostics.error(
            "The field \"" + path + "\" is missing the required \"bindings\" property.", value);
        valid = false;
      } else if (!(scope.js().get(value, "bindings") instanceof ArrayValue bindings)) {
        diagnostics.error(
            "The field \""
                + path
                + ".bindings\" should be an array but got "
                + scope.js().json(scope.js().get(value, "bindings"))
                + ".",
            value);
        valid = false;
      } else {
        for (int i = 0; i < bindings.elements().size(); i++) {
          var element = bindings.elements().get(i);
          var itemPath = path + ".bindings[" + i + "]";
          var part = diagnostics.part("\"" + itemPath + "\": " + scope.js().json(element));
          valid &= item.check(scope, part, itemPath, element);
          diagnostics.add(part);
        }
      }
      if (valid) {
        warnOfMissingInContainer(scope, diagnostics, field, value);
      }
      return valid;
    };
  }

  private static void warnOfMissingInContainer(
      Scope scope, Diagnostics diagnostics, String field, ConfigValue value) {
    var missing = new ArrayList<>(BindingNames.of(scope.js(), scope.topLevelValue(field)));
    var present = new HashSet<String>();
    BindingNames.of(scope.js(), value).forEach(name -> present.add(name.name()));
    missing.removeIf(name -> present.contains(name.name()));
    if (missing.isEmpty()) {
      return;
    }
    var message =
        new StringBuilder(
            "The following bindings are at the top level, but not on \"env."
                + scope.environment()
                + "\".\nThis is not what you probably want, since \""
                + field
                + "\" configuration is not inherited by environments.\n"
                + "Please add a binding for each to \""
                + scope.path(field)
                + ".bindings\":");
    missing.forEach(name -> message.append("\n- ").append(name.name()));
    diagnostics.warn(message.toString(), value);
  }

  private static void refuseNoObject(
      Scope scope, Diagnostics diagnostics, String path, ConfigValue value) {
    diagnostics.error(
        "The field \"" + path + "\" should be an object but got " + scope.js().json(value) + ".",
        value);
  }

  /** An object with one {@code binding}; the keys allowed beside it, or none for any. */
  static Rule single(boolean remoteAllowed, boolean onlyKnown) {
    Rule rule =
        (scope, diagnostics, field, value) -> {
          if (value == null) {
            return true;
          }
          if (!Js.isRecord(value)) {
            refuseNoObject(scope, diagnostics, scope.path(field), value);
            return false;
          }
          boolean valid = true;
          if (!(scope.js().get(value, "binding") instanceof StringValue)) {
            diagnostics.error("binding should have a string \"binding\" field.", value);
            valid = false;
          }
          var remote = scope.js().get(value, "remote");
          if (remoteAllowed && remote != null && !Js.typeOf(remote).equals("boolean")) {
            ItemRule.refuse(
                scope,
                diagnostics,
                field,
                value,
                "should, optionally, have a boolean \"remote\" field");
            valid = false;
          }
          if (onlyKnown) {
            scope.onlyKnown(diagnostics, field, value, List.of("binding", "remote"));
          }
          return valid;
        };
    return rule.ifPresent();
  }

  /** {@code queues}: producers are bindings, consumers are not. */
  static final Rule QUEUES =
      (scope, diagnostics, field, value) -> {
        if (value == null) {
          return true;
        }
        var path = scope.path(field);
        if (!Js.isRecord(value)) {
          refuseNoObject(scope, diagnostics, path, value);
          return false;
        }
        boolean valid =
            scope.onlyKnown(diagnostics, path, value, List.of("consumers", "producers"));
        var consumers = scope.js().get(value, "consumers");
        if (consumers != null && !(consumers instanceof ArrayValue)) {
          diagnostics.error(
              "The field \""
                  + path
                  + ".consumers\" should be an array but got "
                  + scope.js().json(consumers)
                  + ".",
              consumers);
          valid = false;
        }
        var producers = scope.js().get(value, "producers");
        return list(BindingItems.QUEUE_PRODUCER)
                .check(scope, diagnostics, field + ".producers", producers)
            && valid;
      };

  static final Rule DURABLE_OBJECT =
      (scope, diagnostics, field, value) -> {
        if (value == null || !Js.isObject(value)) {
          diagnostics.error(
              "Expected \"" + field + "\" to be an object but got " + scope.js().json(value),
              value == null ? new Place(0, 0) : Place.of(value));
          return false;
        }
        var js = scope.js();
        boolean valid = true;
        for (String key : List.of("name", "class_name")) {
          if (!(js.get(value, key) instanceof StringValue)) {
            diagnostics.error("binding should have a string \"" + key + "\" field.", value);
            valid = false;
          }
        }
        for (String key : List.of("script_name", "environment")) {
          if (js.has(value, key) && !(js.get(value, key) instanceof StringValue)) {
            diagnostics.error(
                "the field \"" + key + "\", when present, should be a string.", value);
            valid = false;
          }
        }
        if (js.has(value, "environment") && !js.has(value, "script_name")) {
          diagnostics.error(
              "binding should have a \"script_name\" field if \"environment\" is present.", value);
          valid = false;
        }
        scope.onlyKnown(
            diagnostics, field, value, List.of("class_name", "environment", "name", "script_name"));
        return valid;
      };

  private static final Rule UNSAFE_BINDING =
      (scope, diagnostics, field, value) -> {
        if (value == null || !Js.isObject(value)) {
          diagnostics.error(
              "Expected " + field + " to be an object but got " + scope.js().json(value) + ".",
              value == null ? new Place(0, 0) : Place.of(value));
          return false;
        }
        boolean named = scope.js().get(value, "name") instanceof StringValue;
        if (!named) {
          diagnostics.error("binding should have a string \"name\" field.", value);
        }
        if (!(scope.js().get(value, "type") instanceof StringValue type)) {
          diagnostics.error("binding should have a string \"type\" field.", value);
          return false;
        }
        if (SUPPORTED_TYPES.contains(type.value())) {
          diagnostics.warn(
              "The binding type \""
                  + type.value()
                  + "\" is directly supported by wrangler.\n"
                  + "Consider migrating this unsafe binding to a format for '"
                  + type.value()
                  + "' bindings that is supported by wrangler for optimal support.\n"
                  + "For more details, see "
                  + "https://developers.cloudflare.com/workers/cli-wrangler/configuration",
              type);
        }
        if (type.value().equals("metadata") && named) {
          diagnostics.warn(
              "The deployment object in the metadata binding is now deprecated. Please switch using "
                  + "the version_metadata binding for access to version specific fields: "
                  + "https://developers.cloudflare.com/workers/runtime-apis/bindings/"
                  + "version-metadata",
              type);
        }
        return named;
      };

  /** {@code unsafe}: bindings by their names on the wire, and things for the upload. */
  static final Rule UNSAFE =
      (scope, diagnostics, field, value) -> {
        if (value == null) {
          return true;
        }
        var path = scope.path(field);
        if (!Js.isRecord(value)) {
          refuseNoObject(scope, diagnostics, path, value);
          return false;
        }
        if (scope.js().has(value, "bindings")
            && !container(UNSAFE_BINDING).check(scope, diagnostics, field, value)) {
          return false;
        }
        for (String key : List.of("metadata", "capnp")) {
          var part = scope.js().get(value, key);
          if (part != null && !Js.isRecord(part)) {
            refuseNoObject(scope, diagnostics, path + "." + key, part);
            return false;
          }
        }
        scope.onlyKnown(diagnostics, field, value, List.of("bindings", "metadata", "capnp"));
        return true;
      };

  /** {@code vars}: an object; no dates; in an environment, the top level's keys, repeated. */
  static final Rule VARS =
      (scope, diagnostics, field, value) -> {
        if (value == null) {
          return true;
        }
        var path = scope.path(field);
        if (!Js.isObject(value)) {
          diagnostics.error(
              "The field \""
                  + path
                  + "\" should be an object but got "
                  + scope.js().json(value)
                  + ".\n",
              value);
          return false;
        }
        boolean valid = true;
        if (value instanceof ObjectValue object) {
          for (String name : scope.js().keys(object)) {
            if (object.get(name) instanceof DateTimeValue date) {
              diagnostics.error(
                  "The field \""
                      + path
                      + "."
                      + name
                      + "\" is a TOML date, which is not supported. "
                      + "Please use a string instead, e.g. "
                      + name
                      + " = \"2025-12-19\".",
                  date);
              valid = false;
            }
          }
        }
        var missing = new ArrayList<>(scope.js().keys(scope.topLevelValue(field)));
        missing.removeIf(name -> scope.js().has(value, name));
        if (!missing.isEmpty()) {
          var message =
              new StringBuilder(
                  "The following vars exist at the top level, but not on \""
                      + path
                      + "\".\n"
                      + "This is probably not what you want, since \"vars\" configuration is not "
                      + "inherited by environments.\n"
                      + "Please add these vars to \"env."
                      + scope.environment()
                      + ".vars\":");
          missing.forEach(name -> message.append("\n- ").append(name));
          diagnostics.warn(message.toString(), value);
        }
        return valid;
      };

  /** {@code secrets}: names that must be set elsewhere. */
  static final Rule SECRETS =
      (scope, diagnostics, field, value) -> {
        if (value == null) {
          return true;
        }
        var path = scope.path(field);
        if (!Js.isRecord(value)) {
          refuseNoObject(scope, diagnostics, path, value);
          return false;
        }
        scope.onlyKnown(diagnostics, path, value, List.of("required"));
        return TypeRules.EACH_A_STRING.check(
            scope, diagnostics, path + ".required", scope.js().get(value, "required"));
      };
}
