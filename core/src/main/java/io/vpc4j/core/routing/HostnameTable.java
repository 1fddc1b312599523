package io.vpc4j.core.routing;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names and what they stand for: exact ones, and {@code *.} with a suffix for exactly one more
 * label. Built once and then only read; safe for use by many threads.
 *
 * @param <V> what a name stands for
 */
final class HostnameTable<V> {

  private static final String WILDCARD = "*.";

  private final Map<String, V> exact = new HashMap<>();
  private final Map<String, V> byParent = new HashMap<>();

  /**
   * Compiles {@code names}.
   *
   * @param names exact, or {@code *.} and a suffix
   */
  HostnameTable(Map<String, V> names) {
    names.forEach(
        (name, value) -> {
          var plain = normal(name);
          if (plain.startsWith(WILDCARD)) {
            byParent.put(plain.substring(WILDCARD.length()), value);
          } else {
            exact.put(plain, value);
          }
        });
  }

  /** What {@code name} stands for: the exact entry, else the wildcard one; null if neither is. */
  @Nullable V find(String name) {
    var plain = normal(name);
    var found = exact.get(plain);
    return found != null ? found : byParent(plain);
  }

  /** What the wildcard entry stands for that the exact one hides or that matched; null if none. */
  @Nullable V findWildcard(String name) {
    return byParent(normal(name));
  }

  private @Nullable V byParent(String plain) {
    var dot = plain.indexOf('.');
    return dot <= 0 || byParent.isEmpty() ? null : byParent.get(plain.substring(dot + 1));
  }

  /** In lower case, without a final dot; the same string if it is so already. */
  static String normal(String name) {
    var undotted = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    return undotted.toLowerCase(Locale.ROOT);
  }

  /**
   * Whether {@code name} matches {@code pattern}: exact, {@code *.} for one more label, {@code **.}
   * for one or more.
   */
  static boolean matches(String pattern, String name) {
    var plainPattern = normal(pattern);
    var plain = normal(name);
    if (plainPattern.startsWith("**.")) {
      return plain.endsWith(plainPattern.substring(2))
          && plain.length() > plainPattern.length() - 2;
    }
    if (plainPattern.startsWith(WILDCARD)) {
      var dot = plain.indexOf('.');
      return dot > 0 && plain.substring(dot + 1).equals(plainPattern.substring(WILDCARD.length()));
    }
    return plain.equals(plainPattern);
  }
}
