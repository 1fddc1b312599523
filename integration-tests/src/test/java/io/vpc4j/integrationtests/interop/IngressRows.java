package io.vpc4j.integrationtests.interop;

import static io.vpc4j.integrationtests.interop.TrafficRows.equal;
import static io.vpc4j.integrationtests.interop.TrafficRows.yes;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.vpc4j.integrationtests.interop.Rows.NotInThisRelease;
import io.vpc4j.integrationtests.interop.Rows.Row;
import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.edge.EdgeConnection;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.HeaderField;
import io.vpc4j.tunnel.stream.Metadata;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Requests that go through a connector's ingress rules, which the edge has pushed. */
final class IngressRows {

  private static final String APP = "app.example.com";

  private IngressRows() {}

  static void addTo(Map<String, Row> rows) {
    rows.put(
        "published applications: a pushed configuration, GET, POST, 404, WebSocket",
        IngressRows::run);
    rows.put(
        "a body of which nothing is told, a header that is none, an origin that cuts",
        IngressRows::odd);
    rows.put("a configuration that is stale, and one that makes no sense", IngressRows::stale);
  }

  private interface Use {
    void of(EdgeScene edge, EdgeConnection connection) throws Exception;
  }

  private static void with(Scene scene, Use use) throws Exception {
    try (var edge =
        EdgeScene.open(scene, EdgeScene.snapshot(Scene.SECRET, Optional.of(rules(scene))))) {
      edge.start(Scene.Launch.USUAL);
      Scene.until(
          "the configuration is acknowledged",
          () ->
              edge.edge().connections().stream()
                  .allMatch(it -> it.configurationVersion().isPresent()));
      use.of(edge, edge.connection());
    }
  }

  static Map<String, Object> rules(Scene scene) {
    return Map.of(
        "ingress",
        List.of(
            Map.of("hostname", APP, "service", "http://127.0.0.1:" + scene.services.httpPort()),
            Map.of("service", "http_status:404")));
  }

  // ---- rows

  private static void run(Scene scene) throws Exception {
    with(
        scene,
        (edge, connection) -> {
          get(connection);
          post(connection);
          notFound(connection);
          webSocket(connection);
          changed(scene, edge);
        });
  }

  private static void get(EdgeConnection connection) throws Exception {
    var answer = Answer.to(connection, Answer.request("GET", APP, "/page?x=1"), "");
    equal(200, answer.status());
    equal("hello from /page?x=1", answer.text);
    yes(
        "the origin's headers",
        answer.response.headers().stream()
            .map(HeaderField::name)
            .anyMatch("X-Origin"::equalsIgnoreCase));
    yes("no exception: " + answer.failure, answer.failure == null);
  }

  private static void post(EdgeConnection connection) throws Exception {
    var body = "some text ".repeat(10_000);
    var request = Answer.request("POST", APP, "/echo", Answer.length(body.length()));
    var answer = Answer.to(connection, request, body);
    equal(200, answer.status());
    yes("the same text", body.contentEquals(answer.text));
  }

  private static void notFound(EdgeConnection connection) throws Exception {
    equal(404, Answer.to(connection, Answer.request("GET", "other.example.com", "/"), "").status());
  }

  private static void webSocket(EdgeConnection connection) throws Exception {
    var answer = new Answer();
    var channel = answer.ask(connection, upgrade());
    answer.answered.get(20, TimeUnit.SECONDS);
    equal(101, answer.status());
    channel.writeAndFlush(Unpooled.copiedBuffer("frames", US_ASCII));
    Scene.until("the frames come back", () -> answer.text.equals("frames"));
    channel.close();
  }

  static ConnectRequest upgrade() {
    return new ConnectRequest(
        ConnectRequest.Type.WEBSOCKET,
        "http://" + APP + "/ws",
        List.of(
            new Metadata(Metadata.HTTP_METHOD, "GET"),
            new Metadata(Metadata.HTTP_HOST, APP),
            Metadata.header("Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")));
  }

  private static void changed(Scene scene, EdgeScene edge) {
    var before = edge.connection().configurationVersion().orElse(-1);
    var other = Map.<String, Object>of("ingress", List.of(Map.of("service", "http_status:418")));
    edge.directory.change(EdgeScene.snapshot(Scene.SECRET, Optional.of(other)));
    Scene.until(
        "the change is acknowledged",
        () -> edge.connection().configurationVersion().orElse(-1) > before);
    edge.directory.change(EdgeScene.snapshot(EdgeScene.OTHER_SECRET, Optional.of(rules(scene))));
    Scene.until("the connector is turned out", () -> edge.edge().connections().isEmpty());
  }

  private static void odd(Scene scene) throws Exception {
    with(
        scene,
        (edge, connection) -> {
          untold(scene, connection);
          badHeader(scene, connection);
          var cut = Answer.to(connection, Answer.request("GET", APP, "/cut"), "");
          yes("half an answer is no whole one", cut.failure != null);
          get(connection);
        });
  }

  /** [T] 4.3: over QUIC a body is passed on only if its length or its coding is told. */
  private static void untold(Scene scene, EdgeConnection connection) throws Exception {
    var answer = Answer.to(connection, Answer.request("POST", APP, "/echo"), "a body");
    equal(200, answer.status());
    equal(scene.protocol.equals("quic") ? "" : "a body", answer.text);
  }

  /** [T] 4.3: over QUIC a colon within a name spoils the request, and that request alone. */
  private static void badHeader(Scene scene, EdgeConnection connection) throws Exception {
    if (scene.protocol.equals("quic")) {
      var request = Answer.request("GET", APP, "/", Metadata.header("X-A:B", "c"));
      var answer = Answer.to(connection, request, "");
      yes("refused: " + answer.response, !answer.response.isOk() || answer.failure != null);
    }
  }

  private static void stale(Scene scene) throws Exception {
    with(
        scene,
        (edge, connection) -> {
          var version = connection.configurationVersion().orElseThrow();
          var older = push(connection, version - 1, "{\"ingress\":[]}");
          equal(new ConfigurationOutcome(version, Optional.empty()), older);
          var nonsense = push(connection, version + 1, "{\"ingress\":[{\"service\":\"x://\"}]}");
          equal(version, nonsense.lastAppliedVersion());
          yes("says why", nonsense.error().isPresent());
          get(connection); // by the rules of before
        });
  }

  private static ConfigurationOutcome push(EdgeConnection connection, int version, String json)
      throws Exception {
    var pushed =
        connection.carrier().updateConfiguration(version, json.getBytes(UTF_8), EdgeScene.soon());
    yes("answered", pushed.await(20, TimeUnit.SECONDS) && pushed.isSuccess());
    return pushed.getNow();
  }

  /** For rows that only some releases, or one carrier, can have. */
  static void only(boolean possible, String why) throws NotInThisRelease {
    if (!possible) {
      throw new NotInThisRelease(why);
    }
  }
}
