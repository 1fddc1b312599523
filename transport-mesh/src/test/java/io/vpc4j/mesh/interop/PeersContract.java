package io.vpc4j.mesh.interop;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.mesh.MeshTransportProvider;
import io.vpc4j.testkit.TransportContract;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The mesh keeps every promise of a transport over {@code wireguard-go} and the Linux kernel's TCP.
 *
 * <p>Runs in the peer's namespace, by {@link ContractProgram}: the far end is a socket of that
 * kernel at the peer's inner address, which our node, in this process, reaches through WireGuard
 * alone. The port that we listen on is called by that kernel. The properties {@code
 * vpc4j.mesh.ours} and {@code vpc4j.mesh.theirs} are our private and their public key.
 */
class PeersContract extends TransportContract {

  static final String OURS = "10.98.0.1";
  static final String THEIRS = "10.98.0.2";

  /** An address of the peer's whose packets it drops. */
  static final String SILENT = "10.98.0.9";

  private EventLoopGroup kernel;

  @Override
  protected InetAddress farEndAddress() {
    return IpAddress.require(THEIRS).toInetAddress();
  }

  @Override
  protected Arrangement arrange(int farEndPort, int closedPort) {
    kernel = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    var peer =
        new NodeRecord(
            "peer",
            "peer",
            NodeRecord.Kind.NODE,
            List.of(IpAddress.require(THEIRS), IpAddress.require(SILENT)),
            Optional.of(
                new NodeRecord.Peer(
                    System.getProperty("vpc4j.mesh.theirs"),
                    Optional.of("127.0.0.1:51820"),
                    Optional.empty(),
                    Optional.of(Duration.ofSeconds(1)))));
    return new Arrangement(
        new MeshTransportProvider(),
        directory(peer),
        new NextHop.NodeHop("peer"),
        Target.of(THEIRS, farEndPort),
        "peer.mesh",
        Target.of(THEIRS, closedPort),
        Target.of("10.9.9.9", 80),
        "nobody.mesh",
        Optional.of(Target.of(SILENT, 80)));
  }

  private static DirectorySnapshot directory(NodeRecord peer) {
    var empty = DirectorySnapshot.empty();
    var key = Secret.of(Base64.getDecoder().decode(System.getProperty("vpc4j.mesh.ours")));
    return new DirectorySnapshot(
        empty.tunnels(),
        empty.virtualNetworks(),
        empty.routes(),
        empty.hostnameRoutes(),
        empty.services(),
        Map.of(peer.nodeId(), peer),
        empty.loopback(),
        empty.bindings(),
        empty.transports(),
        new MeshSettings(Optional.of(key), 0, List.of(IpAddress.require(OURS))),
        Optional.empty(),
        Optional.empty());
  }

  /** An ordinary socket: its connection leaves by the kernel's TCP and the peer's tunnel. */
  @Override
  protected Future<Channel> dialBack(int port, ChannelHandler handler) {
    var promise = kernel.next().<Channel>newPromise();
    var connecting =
        new Bootstrap()
            .group(kernel)
            .channel(NioSocketChannel.class)
            .handler(handler)
            .connect(OURS, port);
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            promise.setSuccess(connecting.channel());
          } else {
            promise.setFailure(done.cause());
          }
        });
    return promise;
  }

  @Override
  protected void dismantle() {
    kernel.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
