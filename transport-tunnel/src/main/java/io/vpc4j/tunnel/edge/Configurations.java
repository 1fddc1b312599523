package io.vpc4j.tunnel.edge;

import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.dns.VirtualDns;
import io.vpc4j.tunnel.rpc.ConnectionDetails.Management;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Which configuration connectors are to run, and the pushing of it. [T] 4.8, 6.3
 *
 * <p>A tunnel whose directory record has a {@code config} is managed here: its connectors are given
 * it as they register, and again when it changes. Versions are what connectors compare, and they
 * outlive the edge: the number is the second in which the text was first seen, so that an edge that
 * starts anew is always ahead of its former self.
 *
 * <p>Safe for use by many threads.
 */
final class Configurations {

  private static final Logger LOG = LoggerFactory.getLogger(Configurations.class);

  /** Seconds are counted from here, so that they fit 31 bits until 2091. */
  private static final long EPOCH_SECOND = 1_700_000_000L;

  private static final long ANSWER_NS = TimeUnit.SECONDS.toNanos(5);

  private record Version(int number, Map<String, Object> config) {}

  private final InstantSource wall;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Version> versions = new HashMap<>(); // guarded by lock

  Configurations(InstantSource wall) {
    this.wall = wall;
  }

  /** Who holds the configuration of a tunnel. */
  static Management management(DirectorySnapshot directory, String tunnelId) {
    var tunnel = directory.tunnels().get(tunnelId);
    return tunnel != null && tunnel.config().isPresent() ? Management.REMOTE : Management.LOCAL;
  }

  /**
   * Whether a connection that has just registered may refuse TCP streams until its connector's
   * configuration is settled: one of a release before 2025.7.0. [T] 1.7
   */
  static boolean mustSettle(EdgeConnection connection) {
    return !VirtualDns.isServedBy(connection.registration().version());
  }

  /** Whether this is the one of a connector's connections that tells its configuration. [T] 4.8 */
  static boolean tells(EdgeConnection connection) {
    return connection.registration().call().connIndex() == 0;
  }

  /**
   * Pushes to a connection that is ready, if its tunnel is managed here.
   *
   * @param settled run once the connector has answered, or has not in time
   */
  void push(DirectorySnapshot directory, EdgeConnection connection, long nowNs, Runnable settled) {
    var config =
        Optional.ofNullable(directory.tunnels().get(connection.registration().tunnelId()))
            .flatMap(TunnelRecord::config);
    if (config.isEmpty()) {
      return;
    }
    var version = version(connection.registration().tunnelId(), config.orElseThrow());
    if (connection.configurationVersion().orElse(-1) != version) {
      push(connection, version, ConfigurationText.of(config.orElseThrow()), nowNs, settled);
    }
  }

  /**
   * A release before 2025.7.0 has told its own configuration. If that refuses TCP streams, it is
   * given the same back with warp-routing enabled, which is what this edge is for. [T] 1.7
   *
   * @param settled run once nothing more is to be changed
   */
  void onLocal(EdgeConnection connection, long nowNs, Runnable settled) {
    var local = connection.localConfiguration();
    if (local.isEmpty()
        || VirtualDns.isServedBy(connection.registration().version())
        || ConfigurationText.hasWarpRouting(local.orElseThrow())) {
      settled.run();
      return;
    }
    try {
      LOG.info("{} has warp-routing switched off; it is switched on for it", connection);
      push(
          connection,
          second(),
          ConfigurationText.withWarpRouting(local.orElseThrow()),
          nowNs,
          settled);
    } catch (JacksonException e) {
      LOG.warn("{}: its own configuration cannot be read", connection, e);
      settled.run();
    }
  }

  private void push(
      EdgeConnection connection, int version, byte[] json, long nowNs, Runnable settled) {
    connection
        .carrier()
        .updateConfiguration(version, json, nowNs + ANSWER_NS)
        .addListener(
            (Future<ConfigurationOutcome> done) -> {
              settled.run();
              if (!done.isSuccess()) {
                LOG.warn(
                    "{}: configuration {} was not acknowledged: {}",
                    connection,
                    version,
                    String.valueOf(done.cause().getMessage()));
              } else if (done.getNow().error().isPresent()) {
                LOG.warn(
                    "{} did not take configuration {}: {}",
                    connection,
                    version,
                    done.getNow().error().orElseThrow());
              } else {
                connection.runs(done.getNow().lastAppliedVersion());
                LOG.info(
                    "{} runs configuration {}", connection, done.getNow().lastAppliedVersion());
              }
            });
  }

  private int version(String tunnelId, Map<String, Object> config) {
    lock.lock();
    try {
      var known = versions.get(tunnelId);
      if (known != null && known.config().equals(config)) {
        return known.number();
      }
      var number = known == null ? second() : Math.max(second(), known.number() + 1);
      versions.put(tunnelId, new Version(number, config));
      return number;
    } finally {
      lock.unlock();
    }
  }

  private int second() {
    return (int) (wall.instant().getEpochSecond() - EPOCH_SECOND);
  }
}
