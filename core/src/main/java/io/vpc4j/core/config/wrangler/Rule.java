package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import org.jspecify.annotations.Nullable;

/** One check of one field. */
@FunctionalInterface
interface Rule {

  /** What is let pass. */
  Rule NONE = (scope, diagnostics, field, value) -> true;

  /**
   * Says what is wrong.
   *
   * @param value null if the field is absent
   * @return whether nothing is
   * @throws WranglerCrash if wrangler would go no further
   */
  boolean check(Scope scope, Diagnostics diagnostics, String field, @Nullable ConfigValue value)
      throws WranglerCrash;

  /** This one, and if the value is there at all. */
  default Rule ifPresent() {
    return (scope, diagnostics, field, value) ->
        value == null || check(scope, diagnostics, field, value);
  }
}
