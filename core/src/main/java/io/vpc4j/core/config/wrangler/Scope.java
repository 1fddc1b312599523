package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is being checked: the top level, or a named environment beneath it.
 *
 * @param js the language
 * @param environment its name; empty at the top level
 * @param topLevel what the top level came to; null while it is itself being checked
 * @param variables the process's environment variables
 */
record Scope(
    Js js, String environment, @Nullable Environment topLevel, Map<String, String> variables) {

  /** A field's path as messages have it. */
  String path(String field) {
    return topLevel == null ? field : "env." + environment + "." + field;
  }

  /** The top level's value of a field; null at the top level itself. */
  @Nullable ConfigValue topLevelValue(String field) {
    return topLevel == null ? null : topLevel.get(field);
  }

  /** The same document, looked at as {@code previews} is: without a top level above it. */
  Scope alone() {
    return new Scope(js, environment, null, variables);
  }

  /**
   * Warns of the keys of {@code value} that are not {@code known}; answers whether there are none.
   */
  boolean onlyKnown(
      Diagnostics diagnostics, String path, ConfigValue value, Collection<String> known) {
    var unknown = new LinkedHashSet<>(js.keys(value));
    unknown.removeAll(known);
    if (unknown.isEmpty()) {
      return true;
    }
    var message = new StringBuilder("Unexpected fields found in " + path + " field: ");
    var separator = "\"";
    for (String key : unknown) {
      message.append(separator).append(key).append('"');
      separator = ",\"";
    }
    diagnostics.warn(message.toString(), js.placeOf(value, unknown.iterator().next()));
    return false;
  }
}
