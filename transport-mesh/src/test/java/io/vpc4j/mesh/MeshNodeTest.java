package io.vpc4j.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import java.net.ConnectException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes of this process over the loopback interface. */
class MeshNodeTest {

  private static final int PATIENCE_SECONDS = 30;
  private static final Duration PATIENCE = Duration.ofSeconds(PATIENCE_SECONDS);
  private static final IpAddress A = IpAddress.require("100.96.0.1");
  private static final IpAddress B = IpAddress.require("100.96.0.2");
  private static final IpAddress C = IpAddress.require("100.96.0.3");
  private static final IpAddress A6 = IpAddress.require("fd96::1");
  private static final IpAddress B6 = IpAddress.require("fd96::2");

  private final List<MeshNode> nodes = new ArrayList<>();

  @AfterEach
  void closeAll() {
    // At once, so that each has the others to say that they have everything.
    nodes.parallelStream().forEach(MeshNode::close);
  }

  private MeshNode start(MeshNode.Builder builder) throws Exception {
    var node = builder.start();
    nodes.add(node);
    return node;
  }

  private static MeshNode.Builder node(int key, IpAddress... addresses) {
    var builder = MeshNode.builder().privateKey(TestKey.of(key).secret());
    for (var address : addresses) {
      builder.address(address);
    }
    return builder;
  }

  private static NodeRecord peer(int key, Optional<MeshNode> at, IpAddress... addresses) {
    return TestKey.node(
        "node-" + key, TestKey.of(key), at.map(n -> "127.0.0.1:" + n.listenPort()), addresses);
  }

  /** Gives back what comes, in upper case. */
  private static ChannelInitializer<Channel> shouting() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel
            .pipeline()
            .addLast(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelRead(ChannelHandlerContext context, Object message) {
                    var said = take(message);
                    context.writeAndFlush(
                        Unpooled.copiedBuffer(
                            said.toUpperCase(Locale.ROOT), StandardCharsets.US_ASCII));
                  }
                });
      }
    };
  }

  private static String take(Object message) {
    var buffer = (ByteBuf) message;
    try {
      return new String(ByteBufUtil.getBytes(buffer), StandardCharsets.US_ASCII);
    } finally {
      buffer.release();
    }
  }

  /** Says something once it is connected, and keeps the answer. */
  private static final class Asking extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<String> answer = new CompletableFuture<>();

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      answer.complete(take(message));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      answer.completeExceptionally(cause);
    }

    String answer() throws Exception {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static <T> T get(Future<T> future) throws Exception {
    assertThat(future.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    return future.get();
  }

  /** Counts what comes, and says how much when it has ended without a failure. */
  private static final class Counting extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Long> all;
    private long octets;

    Counting(CompletableFuture<Long> all) {
      this.all = all;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      octets += ((ByteBuf) message).readableBytes();
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      all.completeExceptionally(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      all.complete(octets);
    }
  }

  @Test
  void whatWasWrittenArrivesThoughTheNodeIsClosedAtOnce() throws Exception {
    var b = start(node(2, B).peer(peer(1, Optional.empty(), A)));
    var a = start(node(1, A).peer(peer(2, Optional.of(b), B)));
    var all = new CompletableFuture<Long>();
    get(b.listen(7, new Counting(all)));
    var written = new AtomicLong();
    var begun = new CompletableFuture<Void>();
    var channel = get(a.connect(B, 7, new ChannelInboundHandlerAdapter()));
    for (var i = 0; i < 64; i++) {
      channel
          .writeAndFlush(Unpooled.wrappedBuffer(new byte[32 << 10]))
          .addListener(
              done -> {
                if (done.isSuccess() && written.addAndGet(32 << 10) >= 256 << 10) {
                  begun.complete(null);
                }
              });
    }
    begun.get(PATIENCE_SECONDS, TimeUnit.SECONDS);

    a.close();

    // A part of the piece that was being taken may be there as well.
    assertThat(all.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .isBetween(written.get(), written.get() + (32 << 10));
  }

  @Test
  void aNodeAcceptsOnItsMeshAddress() throws Exception {
    var b = start(node(2, B, B6).peer(peer(1, Optional.empty(), A, IpAddress.require("fd96::1"))));
    var a = start(node(1, A, IpAddress.require("fd96::1")).peer(peer(2, Optional.of(b), B, B6)));
    var listening = get(b.listen(0, shouting()));
    var port = ((InetSocketAddress) listening.localAddress()).getPort();

    for (var to : List.of(B, B6)) {
      var asking = new Asking();
      get(a.connect(to, port, asking));
      assertThat(asking.answer()).isEqualTo("HELLO");
    }
    listening.close().sync();
    assertThatThrownBy(() -> get(a.connect(B, port, new Asking())))
        .hasCauseInstanceOf(ConnectException.class);
  }

  @Test
  void aPingIsAnsweredOrHasAnEnd() throws Exception {
    var b = start(node(2, B).peer(peer(1, Optional.empty(), A)));
    var a = start(node(1, A).peer(peer(2, Optional.of(b), B, C)));

    assertThat(a.ping(B, PATIENCE).get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isPositive();
    assertThatThrownBy(() -> a.ping(IpAddress.require("10.9.9.9"), PATIENCE).get())
        .hasCauseInstanceOf(NoRouteToHostException.class);
    assertThatThrownBy(() -> a.ping(C, PATIENCE).get())
        .as("b forwards nothing and says so")
        .hasCauseInstanceOf(NoRouteToHostException.class);
  }

  @Test
  void aPingSaysHowFarItCameFromAndWhoRefusedIt() throws Exception {
    var b = start(node(2, B, B6).peer(peer(1, Optional.empty(), A, A6)));
    var a = start(node(1, A, A6).peer(peer(2, Optional.of(b), B, B6, C)));

    for (var to : List.of(B, B6)) {
      var reply = a.ping("node-2", to, 56, PATIENCE).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(reply.hopLimit()).isEqualTo(64);
      assertThat(reply.roundTrip()).isPositive();
    }
    assertThatThrownBy(() -> a.ping("", C, 56, PATIENCE).get(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            PingRefusedException.class,
            refused -> {
              assertThat(refused.from()).isEqualTo(B);
              assertThat(refused.reason()).startsWith("Destination ");
            });
    assertThat(a.resolve("node-2.mesh", "", List.of()).get()).containsExactly(B, B6, C);
    assertThatThrownBy(() -> a.resolve("nobody.mesh", "", List.of()).get())
        .hasCauseInstanceOf(UnknownHostException.class);
    assertThatThrownBy(() -> a.ping("", B, 1_201, PATIENCE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A request that nobody waits for any more is no flow any more. */
  @Test
  void aPingThatIsGivenUpLeavesNothing() throws Exception {
    try (var silence = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      var peer =
          TestKey.node(
              "silent", TestKey.of(9), Optional.of("127.0.0.1:" + silence.getLocalPort()), B);
      var a = start(node(1, A).peer(peer));

      var ping = a.ping("silent", B, 56, PATIENCE);
      awaitFlows(a, peer, 1);
      ping.cancel(true);

      awaitFlows(a, peer, 0);
    }
  }

  /** What it says of itself a second later: peers, what was carried, and no key of ours. */
  @Test
  void aNodeSaysHowItsPeersAndFlowsStand() throws Exception {
    var b = start(node(2, B).peer(peer(1, Optional.empty(), A)));
    var a = start(node(1, A).peer(peer(2, Optional.of(b), B)));
    var listening = get(b.listen(0, shouting()));
    var asking = new Asking();
    get(a.connect(B, ((InetSocketAddress) listening.localAddress()).getPort(), asking));
    assertThat(asking.answer()).isEqualTo("HELLO");
    var source = a.statusSource();

    status(a, peer(2, Optional.of(b), B));

    assertThat(source.ready()).isTrue();
    assertThat(source.summary()).startsWith("mesh node with 1 peer, 1 of them with a session");
    assertThat(source.details().toString())
        .contains("addresses=[100.96.0.1]", "peer=node-2, state=active", "loss_percent=0.0")
        .contains("rtt_ms=", "last_handshake_seconds=", "cwnd_octets=", "state=established")
        .contains("remote=100.96.0.2:", "open_flows={tcp=1, udp=0, echo=0}");
    assertThat(source.metrics())
        .anySatisfy(
            family -> {
              assertThat(family.name()).isEqualTo("vpc4j_mesh_tcp_sent_octets_total");
              assertThat(family.samples().get(0).value()).isEqualTo(5);
            });
    for (var key : List.of(1, 2)) {
      var octets = TestKey.of(key).secret().reveal();
      assertThat(source.details() + " " + source.metrics())
          .doesNotContain(
              Base64.getEncoder().encodeToString(octets), HexFormat.of().formatHex(octets));
    }
    assertThat(a.status().peers().get(0).roundTrip()).isPresent();
  }

  /** The peer has no reason to call again, and is reached at once all the same. */
  @Test
  void aNodeThatIsStartedAgainCallsThoseWhoCalledBefore(@TempDir Path folder) throws Exception {
    var b = start(node(2, B));
    var file = folder.resolve("endpoints");
    var first = node(1, A).memory(file).peer(peer(2, Optional.empty(), B)).start();
    b.peers(List.of(peer(1, Optional.of(first), A)));
    b.ping(A, PATIENCE).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    first.close();
    forget(b, 1, A);

    var again = start(node(1, A).memory(file).peer(peer(2, Optional.empty(), B)));

    assertThat(again.ping(B, PATIENCE).get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isPositive();
  }

  /**
   * Has a node know a peer that is nowhere yet, and nothing of before: when it last called, say,
   * which would be too soon to be heard again.
   */
  private static void forget(MeshNode node, int peer, IpAddress address) throws Exception {
    node.peers(List.of());
    node.peers(List.of(peer(peer, Optional.empty(), address)));
    done(node);
  }

  /** Waits until a node has done what it was told to. */
  private static void done(MeshNode node) throws Exception {
    try {
      node.resolve("nobody.mesh", "", List.of()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(UnknownHostException.class);
    }
  }

  /** What it says of itself now: telling it of its peers has it written down. */
  private static MeshNodeStatus status(MeshNode node, NodeRecord... peers) throws Exception {
    node.peers(List.of(peers));
    done(node);
    return node.status();
  }

  private static void awaitFlows(MeshNode node, NodeRecord peer, int flows) throws Exception {
    var sinceNs = System.nanoTime();
    while (status(node, peer).flows() != flows) {
      assertThat(System.nanoTime() - sinceNs).as("%d flows", flows).isLessThan(PATIENCE.toNanos());
    }
  }

  @Test
  void aHubForwardsBetweenItsPeersAsItsPolicySays() throws Exception {
    var all = new Policy(List.of(), Action.ALLOW);
    var hub =
        start(
            node(2, B)
                .hub(all)
                .peer(peer(1, Optional.empty(), A))
                .peer(peer(3, Optional.empty(), C)));
    var c = start(node(3, C).peer(peer(2, Optional.of(hub), B, A)));
    var a = start(node(1, A).peer(peer(2, Optional.of(hub), B, C)));
    c.ping(B, PATIENCE).get(PATIENCE_SECONDS, TimeUnit.SECONDS); // the hub learns where it is
    var port = ((InetSocketAddress) get(c.listen(0, shouting())).localAddress()).getPort();

    var asking = new Asking();
    get(a.connect(C, port, asking));

    assertThat(asking.answer()).isEqualTo("HELLO");
  }

  @Test
  void aFlowThatTheNodesPolicyDeniesIsRefused() throws Exception {
    var route = Cidr.require("10.0.5.0/24");
    var b =
        start(
            node(2, B)
                .route(route, Cidr.require("127.0.0.0/24"))
                .policy(new Policy(List.of(), Action.DENY))
                .peer(peer(1, Optional.empty(), A)));
    var a = start(node(1, A).peer(peer(2, Optional.of(b), B, IpAddress.require("10.0.5.1"))));

    assertThatThrownBy(() -> get(a.connect(IpAddress.require("10.0.5.1"), 80, new Asking())))
        .hasCauseInstanceOf(NoRouteToHostException.class);
  }

  @Test
  void peersThatTheListNamesNoMoreAreGone() throws Exception {
    var b = start(node(2, B).peer(peer(1, Optional.empty(), A)));
    var a = start(node(1, A).peer(peer(2, Optional.of(b), B)));
    a.ping(B, PATIENCE).get(PATIENCE_SECONDS, TimeUnit.SECONDS);

    a.peers(List.of());

    assertThatThrownBy(() -> a.ping(B, PATIENCE).get())
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(NoRouteToHostException.class);
    forget(b, 1, A);
    a.peers(List.of(peer(2, Optional.of(b), B)));
    assertThat(a.ping(B, PATIENCE).get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isPositive();
  }

  @Test
  void aNodeWithoutAKeyOrAnAddressIsNoNode() {
    assertThatThrownBy(() -> MeshNode.builder().address(A).start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("key");
    assertThatThrownBy(() -> node(1).start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("address");
  }

  @Test
  void theKeysOfAHandshakeAreWrittenForWireshark(@TempDir Path folder) throws Exception {
    var file = folder.resolve("keys");
    var a = start(node(1, A).peer(peer(2, Optional.empty(), B)));
    var b = start(node(2, B).keyLog(file).peer(peer(1, Optional.of(a), A)));
    b.ping(A, PATIENCE).get();
    b.close();

    assertThat(Files.readAllLines(file))
        .hasSizeGreaterThanOrEqualTo(4)
        .startsWith(
            "LOCAL_STATIC_PRIVATE_KEY = "
                + PrivateKey.of(TestKey.of(2).secret().reveal()).toSecretBase64(),
            "REMOTE_STATIC_PUBLIC_KEY = " + TestKey.of(1).publicKey());
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      assertThat(Files.getPosixFilePermissions(file))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
    var lines = Files.readAllLines(file);
    start(node(3, C).keyLog(file)).close();
    assertThat(Files.readAllLines(file)).as("the next start goes on with it").isEqualTo(lines);
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
      assertThatThrownBy(node(3, C).keyLog(file)::start)
          .as("others might read what is there")
          .isInstanceOf(FileAlreadyExistsException.class);
    }
  }
}
