package io.vpc4j.integrationtests.interop;

import static io.vpc4j.integrationtests.interop.TrafficRows.equal;
import static io.vpc4j.integrationtests.interop.TrafficRows.yes;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.integrationtests.interop.Rows.Row;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.edge.Edge;
import io.vpc4j.tunnel.edge.EdgeConnection;
import io.vpc4j.tunnel.edge.EdgeServer;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.HeaderField;
import io.vpc4j.tunnel.stream.Metadata;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Requests that go through a connector's ingress rules, which the edge has pushed. */
final class IngressRows {

  private static final int PORT = 17_844;

  private IngressRows() {}

  static void addTo(Map<String, Row> rows) {
    rows.put(
        "published applications: a pushed configuration, GET, POST, 404, WebSocket",
        IngressRows::run);
    rows.put(
        "a secret that is wrong is refused, and the connector goes on trying",
        IngressRows::refused);
  }

  private static void run(Scene scene) throws Exception {
    try (var loops = EventLoops.open(EventLoops.best(), 2);
        var directory = new EditedDirectory(snapshot(Scene.SECRET, rules(scene)))) {
      var context = new CarrierContext(loops, PooledByteBufAllocator.DEFAULT, Ticker.system());
      var edge = new Edge(context, directory, InstantSource.system());
      try (var server = EdgeServer.start(context, settings(scene), edge, InstantSource.system())) {
        scene.startConnectorTo(PORT, server.authorityPath().orElseThrow());
        Scene.until(
            "the configuration is acknowledged",
            () ->
                !edge.connections().isEmpty()
                    && edge.connections().stream()
                        .allMatch(it -> it.configurationVersion().isPresent()));
        var connection = edge.connections().iterator().next();
        get(connection);
        post(connection);
        notFound(connection);
        webSocket(connection);
        changed(scene, edge, directory);
      } finally {
        scene.connector().destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        scene.forgetConnector();
      }
    }
  }

  private static EdgeSettings settings(Scene scene) {
    var listener =
        new EdgeSettings.Listener(
            IpAddress.require("127.0.0.1"), PORT, Set.of(Protocol.QUIC, Protocol.HTTP2));
    return new EdgeSettings(
        List.of(listener), Optional.empty(), scene.folder.resolve("state2"), Optional.empty());
  }

  private static DirectorySnapshot snapshot(String secret, Map<String, Object> config) {
    var tunnel =
        new TunnelRecord(Scene.TUNNEL, "interop", Optional.of(Secret.of(secret)))
            .withConfig(Optional.of(config));
    return new DirectorySnapshot(
        Map.of(Scene.TUNNEL, tunnel),
        Map.of(),
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        SimulatedNetwork.EMPTY,
        Map.of(),
        Map.of());
  }

  private static Map<String, Object> rules(Scene scene) {
    return Map.of(
        "ingress",
        List.of(
            Map.of(
                "hostname",
                "app.example.com",
                "service",
                "http://127.0.0.1:" + scene.services.httpPort()),
            Map.of("service", "http_status:404")));
  }

  private static void get(EdgeConnection connection) throws Exception {
    var answer = exchange(connection, request("GET", "app.example.com", "/page?x=1"), "");
    equal(200, answer.response.httpStatus().orElse(0));
    equal("hello from /page?x=1", answer.text);
    yes(
        "the origin's headers",
        answer.response.headers().stream()
            .map(HeaderField::name)
            .anyMatch("X-Origin"::equalsIgnoreCase));
  }

  private static void post(EdgeConnection connection) throws Exception {
    var body = "some text ".repeat(10_000);
    var answer = exchange(connection, request("POST", "app.example.com", "/echo"), body);
    equal(200, answer.response.httpStatus().orElse(0));
    yes("the same text", body.contentEquals(answer.text));
  }

  private static void notFound(EdgeConnection connection) throws Exception {
    var answer = exchange(connection, request("GET", "other.example.com", "/"), "");
    equal(404, answer.response.httpStatus().orElse(0));
  }

  private static void webSocket(EdgeConnection connection) throws Exception {
    var upgrade =
        new ConnectRequest(
            ConnectRequest.Type.WEBSOCKET,
            "http://app.example.com/ws",
            List.of(
                new Metadata(Metadata.HTTP_METHOD, "GET"),
                new Metadata(Metadata.HTTP_HOST, "app.example.com"),
                Metadata.header("Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")));
    var answer = new Answer();
    var opening = connection.carrier().exchange(upgrade, answer);
    yes("opened", opening.await(20, TimeUnit.SECONDS) && opening.isSuccess());
    answer.answered.get(20, TimeUnit.SECONDS);
    equal(101, answer.response.httpStatus().orElse(0));
    opening.getNow().writeAndFlush(Unpooled.copiedBuffer("frames", US_ASCII));
    Scene.until("the frames come back", () -> answer.text.equals("frames"));
    opening.getNow().close();
  }

  private static void changed(Scene scene, Edge edge, EditedDirectory directory) {
    var before = edge.connections().iterator().next().configurationVersion().orElse(-1);
    directory.change(
        snapshot(Scene.SECRET, Map.of("ingress", List.of(Map.of("service", "http_status:418")))));
    Scene.until(
        "the change is acknowledged",
        () -> edge.connections().iterator().next().configurationVersion().orElse(-1) > before);
    directory.change(snapshot("another secret, of thirty-two too", rules(scene)));
    Scene.until("the connector is turned out", () -> edge.connections().isEmpty());
  }

  private static void refused(Scene scene) throws Exception {
    try (var loops = EventLoops.open(EventLoops.best(), 2);
        var directory =
            new EditedDirectory(snapshot("another secret, of thirty-two too", rules(scene)))) {
      var context = new CarrierContext(loops, PooledByteBufAllocator.DEFAULT, Ticker.system());
      var edge = new Edge(context, directory, InstantSource.system());
      try (var server = EdgeServer.start(context, settings(scene), edge, InstantSource.system())) {
        var log = scene.launchConnector(PORT, server.authorityPath().orElseThrow());
        Scene.untilLogged(log, "Retrying connection"); // over QUIC it need not say why
        yes("it goes on trying, as every release since 2025.8.1 does", scene.connector().isAlive());
        directory.change(snapshot(Scene.SECRET, rules(scene)));
        Scene.until("it is let in once the secret fits", () -> !edge.connections().isEmpty());
      } finally {
        scene.connector().destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        scene.forgetConnector();
      }
    }
  }

  // ---- steps

  private static ConnectRequest request(String method, String host, String path) {
    return new ConnectRequest(
        ConnectRequest.Type.HTTP,
        "http://" + host + path,
        List.of(
            new Metadata(Metadata.HTTP_METHOD, method), new Metadata(Metadata.HTTP_HOST, host)));
  }

  private static Answer exchange(EdgeConnection connection, ConnectRequest request, String body)
      throws Exception {
    var metadata = new java.util.ArrayList<>(request.metadata());
    if (!body.isEmpty()) {
      metadata.add(Metadata.header("Content-Length", String.valueOf(body.length())));
    }
    var answer = new Answer();
    var asked = new ConnectRequest(request.type(), request.dest(), metadata);
    var opening = connection.carrier().exchange(asked, answer);
    yes("opened", opening.await(20, TimeUnit.SECONDS) && opening.isSuccess());
    Channel channel = opening.getNow();
    channel.writeAndFlush(new LastOctets(Unpooled.copiedBuffer(body, US_ASCII)));
    answer.inactive.get(20, TimeUnit.SECONDS);
    yes("no exception: " + answer.failure, answer.failure == null);
    return answer;
  }

  private static final class Answer extends ChannelInboundHandlerAdapter {
    final CompletableFuture<Void> answered = new CompletableFuture<>();
    final CompletableFuture<Void> inactive = new CompletableFuture<>();
    volatile String text = "";
    volatile ConnectResponse response;
    volatile Throwable failure;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ConnectResponse head) {
        response = head;
        answered.complete(null);
      } else {
        text = text.concat(((ByteBuf) message).toString(US_ASCII)); // one thread writes
        ((ByteBuf) message).release();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failure = cause;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      inactive.complete(null);
    }
  }
}
