package io.vpc4j.tunnel.connector.manage;

import io.vpc4j.tunnel.connector.serve.FlowLog.Kind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.event.Level;

/**
 * Which lines somebody wants. [C] 7.8
 *
 * @param kinds empty for all
 * @param least the least that is told
 * @param sampling the share of the others that is told; 0 and 1 are all of them
 */
record LogFilters(Set<Kind> kinds, Level least, double sampling) {

  static final LogFilters ALL = new LogFilters(Set.of(), Level.DEBUG, 0);

  private static final List<Level> LEVELS =
      List.of(Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR);

  /** Reads {@code {"events":[...],"level":"...","sampling":N}}; empty if it is not that. */
  static Optional<LogFilters> read(Map<?, ?> from) {
    var kinds = EnumSet.noneOf(Kind.class);
    if (from.get("events") instanceof List<?> names) {
      for (var name : names) {
        var kind = kind(String.valueOf(name));
        if (kind.isEmpty()) {
          return Optional.empty();
        }
        kinds.add(kind.get());
      }
    } else if (from.get("events") != null) {
      return Optional.empty();
    }
    var least = from.get("level") == null ? Optional.of(Level.DEBUG) : level(from.get("level"));
    var sampling = from.get("sampling") == null ? (Object) 0 : from.get("sampling");
    if (least.isEmpty() || !(sampling instanceof Number share)) {
      return Optional.empty();
    }
    var clamped = Math.max(0, Math.min(1, share.doubleValue()));
    return Optional.of(new LogFilters(Set.copyOf(new ArrayList<>(kinds)), least.get(), clamped));
  }

  private static Optional<Kind> kind(String name) {
    for (var kind : Kind.values()) {
      if (kind.toString().equals(name)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  private static Optional<Level> level(Object name) {
    return LEVELS.stream().filter(level -> word(level).equals(name)).findFirst();
  }

  /** A level as it goes on the wire. */
  static String word(Level level) {
    return level == Level.TRACE ? "debug" : level.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Whether a line passes.
   *
   * @param chance 0 to 1, for sampling
   */
  boolean pass(Level level, Kind kind, double chance) {
    return level.toInt() >= least.toInt()
        && (kinds.isEmpty() || kinds.contains(kind))
        && (sampling == 0 || chance < sampling);
  }
}
