package io.vpc4j.core.directory;

import io.vpc4j.core.net.Secret;
import java.util.Map;
import java.util.Optional;

/**
 * A tunnel that connectors may register for.
 *
 * @param tunnelId a UUID
 * @param name for people; unique
 * @param tunnelSecret the octets that a connector must show, at least 32; empty where none may
 *     register
 * @param config what its connectors are to be configured with, in their own words: plain maps,
 *     lists, strings, numbers and Booleans; empty where they have their own
 */
public record TunnelRecord(
    String tunnelId,
    String name,
    Optional<Secret> tunnelSecret,
    Optional<Map<String, Object>> config) {

  /** A tunnel whose connectors have their own configuration. */
  public TunnelRecord(String tunnelId, String name, Optional<Secret> tunnelSecret) {
    this(tunnelId, name, tunnelSecret, Optional.empty());
  }

  /** The same with a configuration that its connectors are to have. */
  public TunnelRecord withConfig(Optional<Map<String, Object>> config) {
    return new TunnelRecord(tunnelId, name, tunnelSecret, config);
  }
}
