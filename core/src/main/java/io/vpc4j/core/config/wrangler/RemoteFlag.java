package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import java.util.Optional;

/**
 * A binding's {@code remote}.
 *
 * @param raw as the file has it, of any type; empty if it is absent
 * @param value what it counts as: absent and {@code false} are false, anything else is true, as it
 *     is to wrangler
 */
public record RemoteFlag(Optional<ConfigValue> raw, boolean value) {

  /** Reads it. */
  static RemoteFlag of(Optional<ConfigValue> raw) {
    boolean value =
        raw.isPresent() && !(raw.get() instanceof ConfigValue.BooleanValue bool && !bool.value());
    return new RemoteFlag(raw, value);
  }
}
