package io.vpc4j.integrationtests.interop;

import static io.vpc4j.integrationtests.interop.TrafficRows.equal;
import static io.vpc4j.integrationtests.interop.TrafficRows.yes;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.integrationtests.interop.Rows.Row;
import io.vpc4j.integrationtests.interop.Scene.Launch;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Rows that take minutes, and the machine for themselves: only where {@value #ASKED} is {@code
 * true}, or a number of MiB for each stream of the bulk row. Each prints what it measured.
 */
final class HeavyRows {

  /** The property that asks for them. */
  static final String ASKED = "vpc4j.interop.heavy";

  private static final int STREAMS = 4;
  private static final int FULL_MIB = 1_024;
  private static final int REQUESTS = 10_000;
  private static final int IN_FLIGHT = 64;
  private static final int WEB_SOCKETS = 1_000;
  private static final Duration IDLE = Duration.ofMinutes(2);

  /** A dead connection is noticed within 5 s; the rest is the machine's. */
  private static final long NOTICED_NS = TimeUnit.SECONDS.toNanos(8);

  private static final Set<ErrorCode> LOST =
      Set.of(
          ErrorCode.CONNECTION_TERMINATED,
          ErrorCode.HTTP_RESPONSE_INCOMPLETE,
          ErrorCode.DESTINATION_UNAVAILABLE);

  private HeavyRows() {}

  static void addTo(Map<String, Row> rows) {
    if (!isAsked()) {
      return;
    }
    rows.put("heavy: 10,000 small requests, 64 in flight", HeavyRows::requests);
    rows.put("heavy: a connector is killed in mid-transfer", HeavyRows::killed);
    rows.put("heavy: the edge restarts, and eight connections come back", HeavyRows::restart);
    rows.put("heavy: one of three connectors dies under load", HeavyRows::oneOfThree);
    rows.put("heavy: four streams at once, down and then up", HeavyRows::bulk);
    rows.put("heavy: 1,000 idle WebSockets for two minutes", HeavyRows::webSockets);
  }

  static boolean isAsked() {
    var asked = System.getProperty(ASKED, "");
    return !asked.isEmpty() && !asked.equals("false");
  }

  private static long bulkOctets() {
    var asked = System.getProperty(ASKED, "");
    return (asked.equals("true") ? FULL_MIB : Integer.parseInt(asked)) * (1L << 20);
  }

  // ---- requests

  private static void requests(Scene scene) throws Exception {
    var began = System.nanoTime();
    var failures = load(scene, REQUESTS, done -> {});
    equal(List.of(), failures);
    var took = System.nanoTime() - began;
    Rows.note("%,d requests in %,d ms", REQUESTS, TimeUnit.NANOSECONDS.toMillis(took));
  }

  private interface AtEach {
    void done(int soFar) throws Exception;
  }

  /** Requests, {@value #IN_FLIGHT} in flight; what failed, and why. */
  private static List<Throwable> load(Scene scene, int requests, AtEach step) throws Exception {
    var url = "http://127.0.0.1:" + scene.services.httpPort() + "/small";
    var running = new ArrayList<CompletableFuture<String>>();
    var failures = new ArrayList<Throwable>();
    for (var i = 0; i < requests; i++) {
      if (running.size() >= IN_FLIGHT) {
        collect(running.remove(0), failures);
      }
      running.add(scene.network().fetchAsync(url).thenCompose(response -> response.textAsync()));
      step.done(i);
    }
    for (var one : running) {
      collect(one, failures);
    }
    return failures;
  }

  private static void collect(CompletableFuture<String> one, List<Throwable> failures)
      throws Exception {
    try {
      equal("hello from /small", one.get(30, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      failures.add(e.getCause());
    }
  }

  // ---- ends

  private static void killed(Scene scene) throws Exception {
    var url = "http://127.0.0.1:" + scene.services.httpPort() + "/octets/1000000000";
    try (var response = scene.network().fetch(url)) {
      var in = response.inputStream();
      in.readNBytes(4 << 20);
      var killed = System.nanoTime();
      scene.connector().destroyForcibly();
      try {
        while (in.read(new byte[1 << 16]) >= 0) {
          // what was under way
        }
        throw new AssertionError("the end of a lost connection looks like an end of stream");
      } catch (VpcException e) {
        var took = System.nanoTime() - killed;
        yes("typed: " + e, LOST.contains(e.code()));
        yes("at once: " + TimeUnit.NANOSECONDS.toMillis(took) + " ms", took < NOTICED_NS);
        Rows.note("%s after %,d ms", e.code(), TimeUnit.NANOSECONDS.toMillis(took));
      }
    }
    scene.startConnector();
  }

  private static void restart(Scene scene) throws Exception {
    var snapshot = EdgeScene.snapshot(Scene.SECRET, Optional.empty());
    try (var edge = EdgeScene.open(scene, snapshot)) {
      edge.start(new Launch(4, "2s", List.of()));
      edge.start(new Launch(4, "2s", List.of()));
      edge.closeEdge();
      var closed = System.nanoTime();
      edge.openEdge();
      // [T] 1.5: up to 32 s between two attempts of one of them, and ten times 2^k for the others.
      Scene.until(
          "eight connections", Duration.ofMinutes(5), () -> edge.edge().connections().size() == 8);
      Rows.note(
          "all eight after %,d ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - closed));
    }
  }

  private static void oneOfThree(Scene scene) throws Exception {
    scene.startConnector();
    scene.startConnector();
    var failures =
        load(
            scene,
            REQUESTS,
            done -> {
              if (done == REQUESTS / 3) {
                scene.connector().destroyForcibly();
              }
            });
    for (var failure : failures) {
      yes("typed: " + failure, failure instanceof VpcException it && LOST.contains(it.code()));
    }
    yes("none but those in flight: " + failures.size(), failures.size() <= IN_FLIGHT);
    Rows.note("%,d of %,d requests failed, all typed", failures.size(), REQUESTS);
    scene.killConnector();
    equal(List.of(), load(scene, 1_000, done -> {}));
    scene.killConnector();
  }

  // ---- bulk

  private interface Transfer {
    void run(Socket socket, int seed, long octets) throws Exception;
  }

  private static void bulk(Scene scene) throws Exception {
    var octets = bulkOctets();
    all(scene, octets, "down", BulkService::download);
    all(scene, octets, "up", BulkService::upload);
  }

  private static void all(Scene scene, long octets, String name, Transfer transfer)
      throws Exception {
    var began = System.nanoTime();
    var running = new ArrayList<CompletableFuture<Void>>();
    for (var i = 0; i < STREAMS; i++) {
      var seed = i;
      var done = new CompletableFuture<Void>();
      running.add(done);
      var thread =
          new Thread(
              () -> {
                try (var socket =
                    scene.network().connect("127.0.0.1:" + scene.services.bulk.port())) {
                  transfer.run(socket, seed, octets);
                  done.complete(null);
                } catch (Exception | AssertionError e) {
                  done.completeExceptionally(e);
                }
              },
              "bulk");
      thread.setDaemon(true);
      thread.start();
    }
    for (var one : running) {
      one.get(30, TimeUnit.MINUTES);
    }
    var tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    Rows.note(
        "%s: %d x %,d MiB in %,d ms, %,d MB/s",
        name, STREAMS, octets >> 20, tookMs, STREAMS * octets / 1_000 / Math.max(1, tookMs));
  }

  // ---- WebSockets

  private static void webSockets(Scene scene) throws Exception {
    var config = Optional.of(IngressRows.rules(scene));
    try (var edge = EdgeScene.open(scene, EdgeScene.snapshot(Scene.SECRET, config))) {
      edge.start(Launch.USUAL);
      Scene.until(
          "the configuration is acknowledged",
          () ->
              edge.edge().connections().stream()
                  .allMatch(it -> it.configurationVersion().isPresent()));
      var connections = List.copyOf(edge.edge().connections());
      var answers = new ArrayList<Answer>();
      var channels = new ArrayList<Channel>();
      for (var i = 0; i < WEB_SOCKETS; i++) {
        answers.add(new Answer());
        var connection = connections.get(i % connections.size());
        channels.add(answers.get(i).ask(connection, IngressRows.upgrade()));
      }
      for (var answer : answers) {
        answer.answered.get(60, TimeUnit.SECONDS);
        equal(101, answer.status());
      }
      idle();
      for (var i = 0; i < WEB_SOCKETS; i++) {
        channels.get(i).writeAndFlush(Unpooled.copiedBuffer("still " + i, US_ASCII));
      }
      for (var i = 0; i < WEB_SOCKETS; i++) {
        var answer = answers.get(i);
        var expected = "still " + i;
        Scene.until(expected, () -> answer.text.equals(expected));
      }
      equal(WEB_SOCKETS, connections.stream().mapToInt(it -> it.carrier().openStreams()).sum());
      Rows.note("%,d WebSockets idle for %s, and all alive", WEB_SOCKETS, IDLE);
      channels.forEach(Channel::close);
    }
  }

  private static void idle() {
    var end = new AtomicLong(System.nanoTime() + IDLE.toNanos());
    while (System.nanoTime() - end.get() < 0) {
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    }
  }
}
