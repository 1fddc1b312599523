package io.vpc4j.integrationtests.interop;

import io.netty.buffer.PooledByteBufAllocator;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.edge.Edge;
import io.vpc4j.tunnel.edge.EdgeConnection;
import io.vpc4j.tunnel.edge.EdgeServer;
import java.io.File;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A second edge beside the application's, whose inside a row can touch, on a port of its own, with
 * the connectors that the row starts for it.
 */
final class EdgeScene implements AutoCloseable {

  static final int PORT = 17_844;
  static final String OTHER_SECRET = "another secret, of thirty-two too";

  final EditedDirectory directory;
  final RecordedTraces traces = new RecordedTraces();
  private final Scene scene;
  private final EventLoops loops;
  private final CarrierContext context;
  private Edge edge;
  private EdgeServer server;
  private int connectors;

  private EdgeScene(Scene scene, DirectorySnapshot snapshot) throws Exception {
    this.scene = scene;
    loops = EventLoops.open(EventLoops.best(), 2);
    directory = new EditedDirectory(snapshot);
    context = new CarrierContext(loops, PooledByteBufAllocator.DEFAULT, Ticker.system());
    openEdge();
  }

  /** Begins to listen. */
  void openEdge() throws Exception {
    edge = new Edge(context, directory, InstantSource.system(), traces);
    server = EdgeServer.start(context, settings(), edge, InstantSource.system());
  }

  /** Closes every connection, and listens no more. */
  void closeEdge() {
    server.close();
  }

  Edge edge() {
    return edge;
  }

  static EdgeScene open(Scene scene, DirectorySnapshot snapshot) throws Exception {
    return new EdgeScene(scene, snapshot);
  }

  private EdgeSettings settings() {
    var listener =
        new EdgeSettings.Listener(
            IpAddress.require("127.0.0.1"), PORT, Set.of(Protocol.QUIC, Protocol.HTTP2));
    return new EdgeSettings(
        List.of(listener), Optional.empty(), scene.folder.resolve("state2"), Optional.empty());
  }

  /** A directory with the one tunnel in it. */
  static DirectorySnapshot snapshot(String secret, Optional<Map<String, Object>> config) {
    return snapshot(
        Map.of(
            Scene.TUNNEL,
            new TunnelRecord(Scene.TUNNEL, "interop", Optional.of(Secret.of(secret)))
                .withConfig(config)));
  }

  /** A directory with these tunnels in it. */
  static DirectorySnapshot snapshot(Map<String, TunnelRecord> tunnels) {
    return new DirectorySnapshot(
        tunnels,
        Map.of(),
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        SimulatedNetwork.EMPTY,
        Map.of(),
        Map.of());
  }

  /** Starts a connector, and does not wait for it. */
  File launch(Scene.Launch launch) throws Exception {
    connectors++;
    return scene.launchConnector(PORT, server.authorityPath().orElseThrow(), launch);
  }

  /** Starts a connector, and waits for as many connections as it makes. */
  File start(Scene.Launch launch) throws Exception {
    var before = edge.connections().size();
    var log = launch(launch);
    Scene.until(
        "the connector is there", () -> edge.connections().size() == before + launch.addresses());
    return log;
  }

  /** One of those that are registered. */
  EdgeConnection connection() {
    return edge.connections().iterator().next();
  }

  /** A deadline far enough away. */
  static long soon() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
  }

  /** Ends the connector that was started last. */
  void kill() {
    connectors--;
    scene.killConnector();
  }

  @Override
  public void close() {
    while (connectors > 0) {
      kill();
    }
    server.close();
    directory.close();
    loops.close();
  }
}
