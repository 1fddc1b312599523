package io.vpc4j.core.config.directory;

import java.util.Map;
import java.util.Optional;

/** Where {@code env:NAME} is looked up. */
@FunctionalInterface
public interface Environment {

  /** The variable's value; empty if it is not set. */
  Optional<String> variable(String name);

  /** The process's own variables. */
  static Environment system() {
    return name -> Optional.ofNullable(System.getenv(name));
  }

  /** Those of a map. */
  static Environment of(Map<String, String> variables) {
    var copy = Map.copyOf(variables);
    return name -> Optional.ofNullable(copy.get(name));
  }
}
