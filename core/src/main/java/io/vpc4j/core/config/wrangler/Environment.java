package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The top level or a named environment, with what it inherits and what it lacks filled in.
 *
 * @param fields by name; a field that came to nothing is not there
 */
record Environment(Map<String, ConfigValue> fields) {

  /** The field's value; null for {@code undefined}. */
  @Nullable ConfigValue get(String field) {
    return fields.get(field);
  }
}
