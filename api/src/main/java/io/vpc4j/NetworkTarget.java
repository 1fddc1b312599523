package io.vpc4j;

/**
 * What a {@code vpc_networks} binding points at: one tunnel or one network, never both and never
 * neither.
 *
 * <p>The configuration file spells this as two optional keys and leaves the combination to a check.
 * Here the combination is the type, so nothing past the config reader can hold a wrong one.
 */
public sealed interface NetworkTarget {

  /** The identifier as the configuration has it: not trimmed, not lower-cased. */
  String id();

  /**
   * One tunnel. Config key {@code tunnel_id}.
   *
   * @param id a UUID in practice; wrangler does not check, so neither does the type
   */
  record Tunnel(String id) implements NetworkTarget {
    @Override
    public String toString() {
      return "tunnel:" + id;
    }
  }

  /**
   * A whole network, such as {@code cf1:network}, the account's mesh. Config key {@code
   * network_id}.
   *
   * @param id the network's name
   */
  record Network(String id) implements NetworkTarget {
    @Override
    public String toString() {
      return "network:" + id;
    }
  }
}
