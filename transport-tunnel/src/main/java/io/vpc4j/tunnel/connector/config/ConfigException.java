package io.vpc4j.tunnel.connector.config;

/** A configuration cannot be used. The message says where, as far as that is known, and why. */
public final class ConfigException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * A fault at a place.
   *
   * @param place {@code config.yml:3:5}, or a path such as {@code ingress[0].service}
   * @param sentence what is wrong, and what would be right
   */
  public ConfigException(String place, String sentence) {
    super(place.isEmpty() ? sentence : place + ": " + sentence);
  }
}
