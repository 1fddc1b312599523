package io.vpc4j.mesh;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.testkit.TransportContract;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The mesh keeps every promise of a transport, over two nodes in this process. */
class MeshContractTest extends TransportContract {

  private static final IpAddress NEAR = IpAddress.require("100.96.0.1");
  private static final IpAddress FAR = IpAddress.require("100.96.0.2");
  private static final IpAddress TARGET = IpAddress.require("10.0.1.50");
  private static final IpAddress SILENT = IpAddress.require("10.0.1.51");

  private MeshNode far;
  private DatagramSocket silence;

  @Override
  protected Arrangement arrange(int farEndPort, int closedPort) throws IOException {
    var nearKey = TestKey.of(1);
    var farKey = TestKey.of(2);
    silence = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    far =
        MeshNode.builder()
            .privateKey(farKey.secret())
            .address(FAR)
            .peer(TestKey.node("near", nearKey, Optional.empty(), NEAR))
            .route(Cidr.of(TARGET), Cidr.require("127.0.0.1/32"))
            .start();
    var data = TestKey.called("data", farKey, "127.0.0.1:" + far.listenPort(), TARGET, FAR);
    var silent = TestKey.node("silent", TestKey.of(3), at(silence.getLocalPort()), SILENT);
    return new Arrangement(
        new MeshTransportProvider(),
        directory(nearKey, data, silent),
        new NextHop.NodeHop("data"),
        new Target(TARGET, farEndPort),
        "data.mesh",
        new Target(TARGET, closedPort),
        Target.of("10.9.9.9", 80),
        "nobody.mesh",
        Optional.of(new Target(SILENT, 80)));
  }

  private static Optional<String> at(int port) {
    return Optional.of("127.0.0.1:" + port);
  }

  private static DirectorySnapshot directory(TestKey key, NodeRecord... nodes) {
    var empty = DirectorySnapshot.empty();
    return new DirectorySnapshot(
        empty.tunnels(),
        empty.virtualNetworks(),
        empty.routes(),
        empty.hostnameRoutes(),
        empty.services(),
        Map.of(nodes[0].nodeId(), nodes[0], nodes[1].nodeId(), nodes[1]),
        empty.loopback(),
        empty.bindings(),
        empty.transports(),
        new MeshSettings(Optional.of(key.secret()), 0, List.of(NEAR)),
        Optional.empty(),
        Optional.empty());
  }

  @Override
  protected Future<Channel> dialBack(int port, ChannelHandler handler) {
    return far.connect(NEAR, port, handler);
  }

  @Override
  protected void dismantle() {
    far.close();
    silence.close();
  }
}
