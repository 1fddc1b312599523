package io.vpc4j.core.config;

import java.util.Optional;

/** The language a configuration file is written in. */
public enum Dialect {
  /** JSON with comments and trailing commas. */
  JSONC,
  /** TOML 1.1. */
  TOML;

  /**
   * The dialect a file name announces: {@code .json} and {@code .jsonc} are both {@link #JSONC},
   * {@code .toml} is {@link #TOML}. Case matters, as it does to wrangler.
   *
   * @param fileName a name or a whole path
   * @return empty for any other ending
   */
  public static Optional<Dialect> of(String fileName) {
    if (fileName.endsWith(".toml")) {
      return Optional.of(TOML);
    }
    if (fileName.endsWith(".json") || fileName.endsWith(".jsonc")) {
      return Optional.of(JSONC);
    }
    return Optional.empty();
  }
}
