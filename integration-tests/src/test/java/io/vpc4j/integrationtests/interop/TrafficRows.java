package io.vpc4j.integrationtests.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.vpc4j.Body;
import io.vpc4j.ConnectOptions;
import io.vpc4j.ErrorCode;
import io.vpc4j.Request;
import io.vpc4j.VpcException;
import io.vpc4j.integrationtests.interop.Rows.Row;
import io.vpc4j.testkit.FreePort;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What travels through a connector. */
final class TrafficRows {

  private static final long SEED = 42;

  private TrafficRows() {}

  static void addTo(Map<String, Row> rows) {
    rows.put("GET", TrafficRows::get);
    rows.put("POST with a length", TrafficRows::postWithLength);
    rows.put("POST of a stream", TrafficRows::postOfStream);
    rows.put("a chunked response with trailers", TrafficRows::chunkedResponse);
    rows.put("a response that is cut short", TrafficRows::cutResponse);
    rows.put("TCP echo, 8 MiB each way", TrafficRows::tcpEcho);
    rows.put("an entrance's client that ends its output hears the answer", TrafficRows::halfClose);
    rows.put("64 connections at once", TrafficRows::manyConnections);
    rows.put("1,000 small requests, 32 in flight", TrafficRows::smallRequests);
    rows.put("a refused port", TrafficRows::refused);
    rows.put("a name, resolved at the far end", TrafficRows::name);
    rows.put("a name that does not exist", TrafficRows::noSuchName);
    rows.put("a reader that stands still stops the origin", TrafficRows::stalledReader);
    rows.put("an origin that never reads stops the writer", TrafficRows::stalledOrigin);
  }

  private static void get(Scene scene) throws Exception {
    try (var response =
        scene.network().fetch("http://127.0.0.1:" + scene.services.httpPort() + "/some/path?q=1")) {
      equal(200, response.status());
      equal("hello from /some/path?q=1", response.text());
      equal("yes", response.headers().get("x-origin").orElse(""));
    }
  }

  private static void postWithLength(Scene scene) throws Exception {
    post(scene, octets -> Body.of(octets));
  }

  private static void postOfStream(Scene scene) throws Exception {
    post(scene, octets -> Body.of(new ByteArrayInputStream(octets)));
  }

  private interface Bodies {
    Body of(byte[] octets);
  }

  private static void post(Scene scene, Bodies bodies) throws Exception {
    var octets = new byte[3_000_000];
    new Random(SEED).nextBytes(octets);
    var url = "http://127.0.0.1:" + scene.services.httpPort() + "/echo";
    try (var response =
        scene.network().fetch(Request.builder(url).post(bodies.of(octets)).build())) {
      yes("the same octets", Arrays.equals(octets, response.bytes()));
    }
  }

  private static void chunkedResponse(Scene scene) throws Exception {
    try (var response =
        scene.network().fetch("http://127.0.0.1:" + scene.services.httpPort() + "/chunked")) {
      equal("chunk".repeat(10), response.text());
      equal("ten", response.trailers().get(30, TimeUnit.SECONDS).get("x-sum").orElse(""));
    }
  }

  private static void cutResponse(Scene scene) throws Exception {
    try (var response =
        scene.network().fetch("http://127.0.0.1:" + scene.services.httpPort() + "/cut")) {
      response.text();
      throw new AssertionError("half a response was taken for a whole one");
    } catch (VpcException e) {
      equal(ErrorCode.HTTP_RESPONSE_INCOMPLETE, e.code());
    }
  }

  private static void tcpEcho(Scene scene) throws Exception {
    var octets = new byte[8 << 20];
    new Random(SEED).nextBytes(octets);
    try (var socket = scene.network().connect("127.0.0.1:" + scene.services.echoPort())) {
      var writing =
          CompletableFuture.runAsync(
              () -> {
                try {
                  socket.getOutputStream().write(octets);
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      var back = socket.getInputStream().readNBytes(octets.length);
      writing.get(30, TimeUnit.SECONDS);
      yes("the same octets", Arrays.equals(octets, back));
    }
  }

  /** [T] 4.5: an end of output that were passed on would end both ways, and lose the answer. */
  private static void halfClose(Scene scene) throws Exception {
    try (var entrance = scene.forward(scene.services.latePort());
        var socket = new Socket()) {
      socket.connect(entrance.address());
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write("a question\n".getBytes(US_ASCII));
      socket.shutdownOutput();
      equal("late", new String(socket.getInputStream().readAllBytes(), US_ASCII));
    }
  }

  private static void manyConnections(Scene scene) throws Exception {
    var sockets = new ArrayList<Socket>();
    for (var i = 0; i < 64; i++) {
      sockets.add(scene.network().connect("127.0.0.1:" + scene.services.echoPort()));
    }
    for (var i = 0; i < 64; i++) {
      sockets.get(i).getOutputStream().write(("number " + i + "\n").getBytes(US_ASCII));
    }
    for (var i = 0; i < 64; i++) {
      var expected = "number " + i + "\n";
      var back = sockets.get(i).getInputStream().readNBytes(expected.length());
      equal(expected, new String(back, US_ASCII));
      sockets.get(i).close();
    }
  }

  private static void smallRequests(Scene scene) throws Exception {
    var url = "http://127.0.0.1:" + scene.services.httpPort() + "/small";
    var running = new ArrayList<CompletableFuture<String>>();
    for (var i = 0; i < 1_000; i++) {
      if (running.size() >= 32) {
        equal("hello from /small", running.remove(0).get(20, TimeUnit.SECONDS));
      }
      running.add(scene.network().fetchAsync(url).thenCompose(response -> response.textAsync()));
    }
    for (var one : running) {
      equal("hello from /small", one.get(20, TimeUnit.SECONDS));
    }
  }

  private static void refused(Scene scene) throws Exception {
    try {
      scene.network().connect("127.0.0.1:" + FreePort.next()).close();
      throw new AssertionError("connected to a closed port");
    } catch (VpcException e) {
      var expected =
          scene.protocol.equals("quic")
              ? ErrorCode.CONNECTION_REFUSED
              : ErrorCode.DESTINATION_UNAVAILABLE; // HTTP/2 brings no reason
      equal(expected, e.code());
    }
  }

  private static void name(Scene scene) throws Exception {
    // An older connector asks its own system, which knows this name alone.
    var name = scene.isAtLeast("2025.7.0") ? NameService.NAME : "localhost";
    var url = "http://" + name + ":" + scene.services.httpPort() + "/by-name";
    try (var response = scene.network().fetch(url)) {
      equal("hello from /by-name", response.text());
    }
  }

  private static void noSuchName(Scene scene) throws Exception {
    try {
      scene.network().fetch("http://nobody.internal/").close();
      throw new AssertionError("a name that does not exist was resolved");
    } catch (VpcException e) {
      var silent = scene.protocol.equals("http2") && !scene.isAtLeast("2025.7.0");
      // An old connector resolves it itself, and over HTTP/2 brings no reason.
      equal(silent ? ErrorCode.DESTINATION_UNAVAILABLE : ErrorCode.DNS_ERROR, e.code());
    }
  }

  private static void stalledReader(Scene scene) throws Exception {
    try (var socket = scene.network().connect("127.0.0.1:" + scene.services.sourcePort())) {
      socket.getInputStream().readNBytes(100_000);
      var before = -1L;
      var rounds = 0;
      while (before != scene.services.sourceOctets.get()) {
        before = scene.services.sourceOctets.get();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
        yes("stops within 20 s", ++rounds < 40);
      }
      yes("stopped early: " + before, before < 64 << 20);
      socket.getInputStream().readNBytes(16 << 20);
      yes("goes on", scene.services.sourceOctets.get() > before);
    }
  }

  private static void stalledOrigin(Scene scene) throws Exception {
    var options = ConnectOptions.defaults().withTimeout(Duration.ofSeconds(10));
    try (var socket = scene.network().connect("127.0.0.1:" + scene.services.deafPort(), options)) {
      var written = new java.util.concurrent.atomic.AtomicLong();
      var writer =
          new Thread(
              () -> {
                try {
                  while (written.get() < 256 << 20) {
                    socket.getOutputStream().write(new byte[1 << 16]);
                    written.addAndGet(1 << 16);
                  }
                } catch (java.io.IOException e) {
                  // closed below
                }
              });
      writer.setDaemon(true);
      writer.start();
      var before = -1L;
      while (before != written.get()) {
        before = written.get();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
      }
      yes("stopped early: " + before, before < 64 << 20);
    } catch (SocketException e) {
      // the close of a socket that is being written to
    }
  }

  // ---- steps

  static void equal(Object expected, Object found) {
    if (!expected.equals(found)) {
      throw new AssertionError("expected " + expected + ", found " + found);
    }
  }

  static void yes(String what, boolean condition) {
    if (!condition) {
      throw new AssertionError("not so: " + what);
    }
  }
}
