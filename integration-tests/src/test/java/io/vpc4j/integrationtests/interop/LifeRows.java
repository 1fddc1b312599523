package io.vpc4j.integrationtests.interop;

import io.vpc4j.integrationtests.interop.Rows.Row;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How connections come and go. */
final class LifeRows {

  private LifeRows() {}

  static void addTo(Map<String, Row> rows) {
    rows.put("the edge restarts, and the connector comes back", LifeRows::edgeRestarts);
    rows.put("the connector is killed in mid-stream", LifeRows::killed);
    rows.put("a connector that shuts down finishes what runs", LifeRows::graceful);
    rows.put("a connector without a grace period goes at once", LifeRows::withoutGrace);
  }

  private static void edgeRestarts(Scene scene) throws Exception {
    scene.closeVpc();
    scene.openVpc();
    // Over HTTP/2 a connector comes back after up to 22 s.
    Scene.until("the connector comes back", () -> isReached(scene));
  }

  private static void killed(Scene scene) throws Exception {
    try (var socket = scene.network().connect("127.0.0.1:" + scene.services.sourcePort())) {
      socket.getInputStream().readNBytes(1 << 20);
      scene.connector().destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      try {
        while (socket.getInputStream().read(new byte[1 << 16]) >= 0) {
          // what was under way
        }
        throw new AssertionError("the end of a lost connection looks like an end of stream");
      } catch (java.io.IOException e) {
        // as it should be
      }
    }
    scene.startConnector();
    reach(scene);
  }

  private static void graceful(Scene scene) throws Exception {
    try (var socket = scene.network().connect("127.0.0.1:" + scene.services.echoPort())) {
      socket.getOutputStream().write(1);
      TrafficRows.equal(1, socket.getInputStream().read());
      scene.connector().destroy();
      Scene.untilLogged(scene.log(), "Unregistered tunnel connection");
      if (scene.isAtLeast("2025.1.0") || scene.protocol.equals("http2")) {
        socket.getOutputStream().write(2);
        TrafficRows.equal(2, socket.getInputStream().read());
      }
    }
    scene.connector().waitFor(20, TimeUnit.SECONDS);
    scene.startConnector();
    reach(scene);
  }

  private static void withoutGrace(Scene scene) throws Exception {
    scene.connector().destroy();
    scene.connector().waitFor(20, TimeUnit.SECONDS);
    scene.startConnector(new Scene.Launch(2, "0s", List.of()));
    try (var socket = scene.network().connect("127.0.0.1:" + scene.services.echoPort())) {
      socket.getOutputStream().write(1);
      TrafficRows.equal(1, socket.getInputStream().read());
      scene.connector().destroy();
      if (scene.protocol.equals("http2")) {
        socket.close(); // [T] 6.6: over HTTP/2 it waits for what runs all the same
      }
      TrafficRows.yes("it ends", scene.connector().waitFor(20, TimeUnit.SECONDS));
      TrafficRows.yes("nothing more comes", isOver(socket));
    }
    scene.startConnector();
    reach(scene);
  }

  private static boolean isOver(java.net.Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.io.IOException e) {
      return true; // a connection that was cut; a release may end its streams before it goes
    }
  }

  private static boolean isReached(Scene scene) {
    try {
      reach(scene);
      return true;
    } catch (Exception e) {
      return false;
    }
  }

  private static void reach(Scene scene) throws Exception {
    var url = "http://127.0.0.1:" + scene.services.httpPort() + "/again";
    try (var response = scene.network().fetch(url)) {
      TrafficRows.equal("hello from /again", response.text());
    }
  }
}
