package io.vpc4j.tunnel.connector;

import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.connector.config.ConfigException;
import io.vpc4j.tunnel.connector.config.ConfigJson;
import io.vpc4j.tunnel.connector.config.ConnectorConfig;
import io.vpc4j.tunnel.connector.config.WarpRouting;
import io.vpc4j.tunnel.connector.serve.Destination;
import java.util.Optional;

/**
 * The configuration that holds now: the local one until an edge pushes another. [C] 4.8
 *
 * <p>One for the whole connector, whichever connection a push comes on. Safe for use by many
 * threads.
 */
public final class LiveConfig {

  /** Before the first push. */
  static final int LOCAL_VERSION = -1;

  /**
   * A configuration and its number.
   *
   * @param version counted by the edge; -1 for the local one
   * @param config what it says
   */
  public record Versioned(int version, ConnectorConfig config) {}

  private final ConnectorConfig local;
  private final long maxActiveFlows;
  private volatile Versioned current; // written under the lock

  /**
   * Begins with the local configuration.
   *
   * @param maxActiveFlows wins over every configuration; 0 to leave it to them. [C] 7.6
   */
  public LiveConfig(ConnectorConfig local, long maxActiveFlows) {
    this.local = local;
    this.maxActiveFlows = maxActiveFlows;
    current = new Versioned(LOCAL_VERSION, local);
  }

  /** What holds now. */
  public Versioned current() {
    return current;
  }

  /** What this connector was started with. */
  public ConnectorConfig local() {
    return local;
  }

  /**
   * Takes a configuration that an edge pushes, unless it is not newer, or is bad: then what holds
   * stays.
   */
  public ConfigurationOutcome update(int version, byte[] json) {
    var before = current;
    if (version <= before.version()) {
      return new ConfigurationOutcome(before.version(), Optional.empty());
    }
    ConnectorConfig config;
    try {
      config = ConnectorConfig.parseJson(json);
    } catch (ConfigException e) {
      return new ConfigurationOutcome(
          before.version(), Optional.of(String.valueOf(e.getMessage())));
    }
    return new ConfigurationOutcome(take(new Versioned(version, config)), Optional.empty());
  }

  /** Two connections may push at one time: the newer one stays. */
  private synchronized int take(Versioned pushed) {
    if (pushed.version() > current.version()) {
      current = pushed;
    }
    return current.version();
  }

  /** How many flows there may be; 0 for any number. */
  public long maxActiveFlows() {
    return maxActiveFlows > 0 ? maxActiveFlows : current.config().warpRouting().maxActiveFlows();
  }

  /**
   * Whether a destination may be dialled: by what holds now, and by what this connector was started
   * with. Whoever can push a configuration must not be able to lift what was denied here.
   */
  public boolean allows(Destination destination, WarpRouting routing) {
    return routing.rules().allows(destination.address(), destination.port())
        && local.warpRouting().rules().allows(destination.address(), destination.port());
  }

  /** For {@code /config}. */
  public String toJson() {
    var now = current;
    return ConfigJson.versioned(now.version(), now.config());
  }
}
