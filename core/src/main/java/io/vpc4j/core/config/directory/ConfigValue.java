package io.vpc4j.core.config.directory;

import java.util.List;
import java.util.Map;

/** Temporary. */
sealed interface ConfigValue {
  int line();

  int column();

  record Text(String value, int line, int column) implements ConfigValue {}

  record Num(Number value, int line, int column) implements ConfigValue {}

  record Flag(boolean value, int line, int column) implements ConfigValue {}

  record Null(int line, int column) implements ConfigValue {}

  record Sequence(List<ConfigValue> items, int line, int column) implements ConfigValue {}

  record Table(Map<String, ConfigValue> entries, int line, int column) implements ConfigValue {}
}
