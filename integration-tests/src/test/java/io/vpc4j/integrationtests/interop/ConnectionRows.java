package io.vpc4j.integrationtests.interop;

import static io.vpc4j.integrationtests.interop.IngressRows.only;
import static io.vpc4j.integrationtests.interop.TrafficRows.equal;
import static io.vpc4j.integrationtests.interop.TrafficRows.yes;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.integrationtests.interop.Rows.Row;
import io.vpc4j.integrationtests.interop.Scene.Launch;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.dns.DnsEffect;
import io.vpc4j.tunnel.dns.DnsLimits;
import io.vpc4j.tunnel.dns.DnsResolver;
import io.vpc4j.tunnel.dns.VirtualDns;
import io.vpc4j.tunnel.edge.EdgeConnection;
import io.vpc4j.tunnel.edge.UdpWanted;
import io.vpc4j.tunnel.edge.Wanted;
import io.vpc4j.tunnel.management.LogStream;
import io.vpc4j.tunnel.management.ManagementRequests;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.datagram.TraceIdentity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Registration, what a connector tells and refuses, and datagrams. */
final class ConnectionRows {

  private static final List<Integer> SIZES = List.of(1, 1_159, 1_160, 1_180, 1_200, 1_280);

  private static final UdpWanted VIRTUAL_DNS =
      UdpWanted.ofAny(IpAddress.require("2606:4700:cf1:2000::1"), 53);

  private ConnectionRows() {}

  static void addTo(Map<String, Row> rows) {
    rows.put(
        "a secret that is wrong is refused, and the connector goes on trying",
        scene -> refused(scene, EdgeScene.OTHER_SECRET));
    rows.put("a tunnel that is not known is refused likewise", ConnectionRows::unknown);
    rows.put(
        "four connections to one port, and checks that are no connectors", ConnectionRows::four);
    rows.put("a connector's own configuration is told", ConnectionRows::local);
    rows.put("TCP to a name", ConnectionRows::tcpToName);
    rows.put("a traced stream brings the connector's spans", ConnectionRows::traced);
    rows.put("the connector's metrics, its host and its log", ConnectionRows::management);
    rows.put("more flows than the connector may have", ConnectionRows::flows);
    rows.put("calls that make no sense end their stream alone", ConnectionRows::nonsense);
    rows.put("UDP, datagrams of version 2, up to the largest", scene -> udp(scene, List.of(), ""));
    rows.put(
        "UDP, datagrams of version 3, up to the largest",
        scene -> {
          only(scene.isAtLeast("2026.1.0"), "version 3 as it is now");
          udp(scene, List.of("--features", "support_datagram_v3_2"), "QUIC MTU updated");
        });
    rows.put("UDP to a name service, by the virtual one", ConnectionRows::udpNames);
    rows.put(
        "a name, over a UDP session to the connector's name service",
        ConnectionRows::resolvedByUdp);
  }

  private static EdgeScene plain(Scene scene) throws Exception {
    return EdgeScene.open(scene, EdgeScene.snapshot(Scene.SECRET, Optional.empty()));
  }

  private static void refused(Scene scene, String secret) throws Exception {
    try (var edge = EdgeScene.open(scene, EdgeScene.snapshot(secret, Optional.empty()))) {
      comesInLater(scene, edge);
    }
  }

  private static void unknown(Scene scene) throws Exception {
    try (var edge = EdgeScene.open(scene, EdgeScene.snapshot(Map.of()))) {
      comesInLater(scene, edge);
    }
  }

  private static void comesInLater(Scene scene, EdgeScene edge) throws Exception {
    var log = edge.launch(Launch.USUAL);
    Scene.untilLogged(log, "Retrying connection"); // over QUIC it need not say why
    yes("it goes on trying, as every release since 2025.8.1 does", scene.connector().isAlive());
    edge.directory.change(EdgeScene.snapshot(Scene.SECRET, Optional.empty()));
    Scene.until("it is let in once all fits", () -> !edge.edge().connections().isEmpty());
  }

  private static void four(Scene scene) throws Exception {
    try (var edge = plain(scene)) {
      edge.start(new Launch(4, "2s", List.of()));
      var indices =
          edge.edge().connections().stream()
              .map(it -> it.registration().call().connIndex())
              .sorted()
              .toList();
      equal(List.of(0, 1, 2, 3), indices);
      equal(
          1L,
          edge.edge().connections().stream()
              .map(it -> it.registration().connectorId())
              .distinct()
              .count());
      for (var i = 0; i < 8; i++) {
        echo(open(edge, "127.0.0.1:" + scene.services.echoPort()).channel());
      }
      equal(4, edge.edge().connections().size());
    }
  }

  private static void local(Scene scene) throws Exception {
    try (var edge = plain(scene)) {
      edge.start(Launch.USUAL);
      Scene.until(
          "it has told",
          () ->
              edge.edge().connections().stream()
                  .anyMatch(it -> it.localConfiguration().isPresent()));
    }
  }

  private static void tcpToName(Scene scene) throws Exception {
    try (var edge = plain(scene)) {
      edge.start(Launch.USUAL);
      var asked = ask(edge, "localhost:" + scene.services.echoPort());
      if (scene.isAtLeast("2025.7.0")) {
        equal(StreamFailure.Kind.REFUSED, ((StreamFailure) asked.cause()).kind());
      } else {
        echo(asked.getNow().channel());
      }
    }
  }

  private static void traced(Scene scene) throws Exception {
    try (var edge = plain(scene)) {
      edge.start(Launch.USUAL);
      var address = "127.0.0.1:" + scene.services.echoPort();
      echo(open(edge, address).channel());
      yes("of what is not traced nothing is told", edge.traces.told.isEmpty());
      edge.traces.begin(
          new TraceIdentity(0x4142434445464748L, 0x494a4b4c4d4e4f50L, 0x7172737475767778L, 1));
      echo(open(edge, address).channel());
      var spans = edge.traces.told.poll(20, TimeUnit.SECONDS);
      yes("spans", spans != null);
      var text = new String(spans, US_ASCII);
      for (var part : List.of("stream-connect", "ABCDEFGHIJKLMNOP", "qrstuvwx", "cloudflared")) {
        yes(part + " in " + text, text.contains(part)); // name, trace, parent, who
      }
      if (scene.protocol.equals("quic")) { // HTTP/2 carries no datagrams
        openUdp(edge, "127.0.0.1", scene.services.datagramPort(), new Heard()).close();
        var udp = new String(edge.traces.told.poll(20, TimeUnit.SECONDS), US_ASCII);
        for (var part : List.of("register-session", "ABCDEFGHIJKLMNOP", "qrstuvwx")) {
          yes(part + " in " + udp, udp.contains(part));
        }
      }
    }
  }

  private static void management(Scene scene) throws Exception {
    try (var edge = plain(scene)) {
      edge.start(Launch.USUAL);
      var connection = edge.connection();
      yes("it has the service", ManagementRequests.isServedBy(connection));
      var requests = new ManagementRequests(connection, Ticker.system());
      var metrics = requests.get("/metrics").handle((text, fault) -> "" + text + fault);
      var shown = // earlier ones answer it only where a flag says so
          scene.isAtLeast("2024.2.1") ? "cloudflared_tunnel_ha_connections" : "answered with 404";
      yes(shown, metrics.get(20, TimeUnit.SECONDS).contains(shown));
      var host = requests.get("/host_details").get(20, TimeUnit.SECONDS);
      yes("host: " + host, host.contains(connection.registration().connectorId().toString()));
      var log = new LinkedBlockingQueue<String>();
      var end = new CompletableFuture<String>();
      var events =
          new LogStream.Events() {
            @Override
            public void onMessage(String json) {
              log.add(json);
            }

            @Override
            public void onEnd(String why) {
              end.complete(why);
            }
          };
      var stream = requests.logs("debug", events).get(20, TimeUnit.SECONDS);
      var address = "127.0.0.1:" + scene.services.echoPort();
      Scene.until(
          "the log has a line",
          () -> {
            open(edge, address).channel().close(); // which the connector logs
            return !log.isEmpty();
          });
      yes("a line: " + log.peek(), log.element().contains("\"logs\""));
      stream.close();
      yes("ended", !end.get(20, TimeUnit.SECONDS).isEmpty());
    }
  }

  private static void flows(Scene scene) throws Exception {
    only(scene.isAtLeast("2025.1.0"), "a bound for flows");
    var config =
        Map.<String, Object>of(
            "ingress",
            List.of(Map.of("service", "http_status:404")),
            "warp-routing",
            Map.of("maxActiveFlows", 2));
    try (var edge = EdgeScene.open(scene, EdgeScene.snapshot(Scene.SECRET, Optional.of(config)))) {
      edge.start(Launch.USUAL);
      Scene.until(
          "the configuration is acknowledged",
          () ->
              edge.edge().connections().stream()
                  .allMatch(it -> it.configurationVersion().isPresent()));
      var address = "127.0.0.1:" + scene.services.echoPort();
      var first = open(edge, address);
      var second = open(edge, address);
      var third = (StreamFailure) ask(edge, address).cause();
      yes("too many: " + third, third.response().orElseThrow().isRateLimited());
      first.channel().close();
      Scene.until("there is room again", () -> ask(edge, address).isSuccess());
      second.channel().close();
    }
  }

  private static void nonsense(Scene scene) throws Exception {
    only(scene.protocol.equals("quic"), "HTTP/2 has no streams for calls");
    try (var edge = plain(scene)) {
      edge.start(new Launch(1, "2s", List.of()));
      var connection = edge.connection();
      var opening = connection.carrier().openRpc(new ChannelInboundHandlerAdapter());
      yes("opened", opening.await(20, TimeUnit.SECONDS) && opening.isSuccess());
      opening.getNow().writeAndFlush(Unpooled.wrappedBuffer(new byte[64]).setByte(0, 0xff));
      if (scene.isAtLeast("2024.6.0")) { // earlier ones wait for the caller, [T] 4.6
        yes("ended", opening.getNow().closeFuture().await(20, TimeUnit.SECONDS));
      }
      opening.getNow().close();
      echo(open(edge, "127.0.0.1:" + scene.services.echoPort()).channel());
      equal(EdgeConnection.State.READY, connection.state());
    }
  }

  // ---- streams

  private static Future<OpenStream> ask(EdgeScene edge, String address) {
    var asked =
        edge.edge()
            .open(
                Scene.TUNNEL,
                Wanted.ofAny(ConnectRequest.tcp(address)),
                new Heard(),
                EdgeScene.soon());
    asked.awaitUninterruptibly(20, TimeUnit.SECONDS);
    return asked;
  }

  private static OpenStream open(EdgeScene edge, String address) {
    var asked = ask(edge, address);
    yes("opened: " + asked.cause(), asked.isSuccess());
    return asked.getNow();
  }

  private static void echo(Channel channel) throws Exception {
    var heard = channel.pipeline().get(Heard.class);
    channel.writeAndFlush(Unpooled.copiedBuffer("hello", US_ASCII));
    var text = new StringBuilder();
    while (text.length() < 5) {
      var part = heard.parts.poll(20, TimeUnit.SECONDS);
      yes("an echo", part != null);
      text.append(new String(part, US_ASCII));
    }
    equal("hello", text.toString());
    channel.close();
  }

  /** Keeps what comes, of a stream or a session. */
  private static final class Heard extends ChannelInboundHandlerAdapter {
    final BlockingQueue<byte[]> parts = new LinkedBlockingQueue<>();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var octets = message instanceof DatagramPacket packet ? packet.content() : message;
      parts.add(io.netty.buffer.ByteBufUtil.getBytes((io.netty.buffer.ByteBuf) octets));
      io.netty.util.ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  // ---- datagrams

  /**
   * @param ready what the connector has said before the largest are tried: with version 3 it ends a
   *     session, and tells nobody, when an answer is larger than its path is known to carry
   */
  private static void udp(Scene scene, List<String> flags, String ready) throws Exception {
    only(scene.protocol.equals("quic"), "HTTP/2 carries no datagrams");
    try (var edge = plain(scene)) {
      var log = edge.start(new Launch(1, "2s", flags));
      Scene.untilLogged(log, ready);
      var heard = new Heard();
      var channel = openUdp(edge, "127.0.0.1", scene.services.datagramPort(), heard);
      Scene.until("the path carries the largest", () -> exchange(channel, heard, 1_280));
      for (var size : SIZES) {
        yes(size + " octets come back", exchange(channel, heard, size));
      }
      channel.close().await(20, TimeUnit.SECONDS);
    }
  }

  private static Channel openUdp(EdgeScene edge, String address, int port, Heard heard)
      throws Exception {
    var opening =
        edge.edge()
            .openUdp(
                Scene.TUNNEL,
                UdpWanted.ofAny(IpAddress.require(address), port),
                heard,
                EdgeScene.soon());
    yes("opened: " + opening.cause(), opening.await(20, TimeUnit.SECONDS) && opening.isSuccess());
    return opening.getNow();
  }

  /** Whether a datagram comes back; one that was lost is asked for again, as datagrams are. */
  private static boolean exchange(Channel channel, Heard heard, int octets) {
    var sent = new byte[octets];
    new java.util.Random(octets).nextBytes(sent);
    for (var attempt = 0; attempt < 5; attempt++) {
      channel.writeAndFlush(Unpooled.wrappedBuffer(sent)).awaitUninterruptibly();
      try {
        var back = heard.parts.poll(2, TimeUnit.SECONDS);
        if (back != null) {
          return java.util.Arrays.equals(sent, back);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return false;
  }

  private static void udpNames(Scene scene) throws Exception {
    only(scene.protocol.equals("quic"), "HTTP/2 carries no datagrams");
    only(scene.isAtLeast("2025.7.0"), "a virtual name service");
    try (var edge = plain(scene)) {
      edge.start(Launch.USUAL);
      var heard = new Heard();
      var channel = openUdp(edge, "2606:4700:cf1:2000::1", 53, heard);
      channel.writeAndFlush(Unpooled.wrappedBuffer(NameService.query(NameService.NAME))).sync();
      var answer = heard.parts.poll(20, TimeUnit.SECONDS);
      yes("an answer", answer != null);
      equal("127.0.0.1", NameService.lastAddress(answer));
      channel.close();
    }
  }

  private static void resolvedByUdp(Scene scene) throws Exception {
    only(scene.protocol.equals("quic"), "HTTP/2 carries no datagrams");
    only(scene.isAtLeast("2025.7.0"), "a virtual name service");
    try (var edge = plain(scene)) {
      edge.start(Launch.USUAL);
      var paths = new LinkedBlockingQueue<DnsEffect.Path>();
      var loop = edge.connection().carrier().eventLoop();
      try (var resolver =
          new DnsResolver(
              loop,
              Ticker.system(),
              (path, tunnelId, dest, initializer, deadlineNs) -> {
                paths.add(path);
                return path == DnsEffect.Path.DATAGRAMS && dest.equals(VirtualDns.DESTINATION)
                    ? edge.edge().openUdp(tunnelId, VIRTUAL_DNS, initializer, deadlineNs)
                    : loop.newFailedFuture(new java.io.IOException(path + " to " + dest));
              },
              DnsEffect.Path.DATAGRAMS,
              DnsLimits.DEFAULT,
              () -> ThreadLocalRandom.current().nextInt(1 << 16))) {
        var found =
            resolver.resolve(Scene.TUNNEL, NameService.NAME, List.of(), EdgeScene.soon()).await();
        yes("resolved: " + found.cause(), found.isSuccess());
        equal(List.of(IpAddress.require("127.0.0.1")), found.getNow());
        yes("by datagrams: " + paths, !paths.contains(DnsEffect.Path.STREAM));
      }
    }
  }
}
