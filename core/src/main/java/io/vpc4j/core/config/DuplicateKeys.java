package io.vpc4j.core.config;

/** What a repeated key in one JSON object means. TOML refuses them by its own rules. */
public enum DuplicateKeys {
  /** The last value counts; the key keeps the place of the first. What JavaScript does. */
  LAST_WINS,
  /** The document is refused, naming both places. */
  REFUSED
}
