package io.vpc4j.tunnel;

import io.vpc4j.core.directory.EdgeSettings.Protocol;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * How an edge stands, at one moment.
 *
 * @param listeners where connectors dial
 * @param caPath what they are to trust; empty where a certificate was given
 * @param connections those that are registered, by tunnel, connector and index
 */
public record EdgeStatus(
    List<Listening> listeners, Optional<Path> caPath, List<Connection> connections) {

  /** Copies. */
  public EdgeStatus {
    listeners = List.copyOf(listeners);
    connections = List.copyOf(connections);
  }

  /** An address that connectors dial, and what is spoken there. */
  public record Listening(Protocol protocol, InetSocketAddress address) {}

  /**
   * One connection of a connector.
   *
   * @param connectionId ours
   * @param connectorId the connector's; the same on all its connections
   * @param connIndex counted by the connector from 0
   * @param version of the connector, such as {@code 2026.8.2}
   * @param arch such as {@code linux_amd64}
   * @param features what the connector says it can do, sorted
   * @param originLocalIp the address the connector says it has; empty if it says none
   * @param numPreviousAttempts how often it had tried before
   * @param address where it came from
   * @param since when it registered
   * @param draining whether it takes no new streams
   * @param openStreams that are open now
   * @param octetsIn from the connector
   * @param octetsOut to the connector
   * @param rtt the round-trip time last measured; empty before the first
   * @param localConfiguration what the connector says it was configured with, JSON; only on index
   *     0, and not where the edge has the configuration
   */
  public record Connection(
      String tunnelId,
      UUID connectionId,
      UUID connectorId,
      int connIndex,
      String version,
      String arch,
      List<String> features,
      String originLocalIp,
      int numPreviousAttempts,
      Protocol protocol,
      InetSocketAddress address,
      Instant since,
      boolean draining,
      int openStreams,
      long octetsIn,
      long octetsOut,
      Optional<Duration> rtt,
      Optional<String> localConfiguration) {
    /** Copies. */
    public Connection {
      features = List.copyOf(features);
    }
  }
}
