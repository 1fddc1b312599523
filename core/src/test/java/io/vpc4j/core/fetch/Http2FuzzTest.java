package io.vpc4j.core.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.Body;
import io.vpc4j.Response;
import io.vpc4j.VpcException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer that sends whatever comes to its mind: every fetch ends, and every buffer is released. */
@Timeout(110)
class Http2FuzzTest extends Http2EngineTest {

  private static final int SEEDS = 25;
  private static final String[][] HEADS = {
    {":status", "200"},
    {":status", "200", "content-length", "100"},
    {":status", "103"},
    {":status", "302", "location", "/next"},
    {":status", "204"},
    {"x-sum", "1"},
    {":status", "200", "content-encoding", "gzip"},
  };

  @Test
  void everyFetchEndsWithAResponseOrATypedError() throws Exception {
    for (var seed = 1L; seed <= SEEDS; seed++) {
      var numbers = seed;
      try (var peer = new ScriptedPeer(with -> say(with, new Random(numbers * 31 + with.number)))) {
        var begun = new ArrayList<CompletableFuture<Response>>();
        for (var i = 0; i < 4; i++) {
          begun.add(start(get(peer, "/" + i)));
        }
        begun.add(start(post(peer, "/", Body.of(octets(200_000)))));
        begun.get(0).thenAccept(Response::close); // one is given up
        for (var one : begun) {
          ends(one, seed);
        }
      }
      engines.untilNothingIsLeft();
    }
  }

  private static void ends(CompletableFuture<Response> begun, long seed) throws Exception {
    try (var response = begun.get(20, TimeUnit.SECONDS)) {
      if (!response.bodyUsed()) {
        response.bytesAsync().get(20, TimeUnit.SECONDS);
      }
    } catch (ExecutionException e) {
      assertThat(e.getCause()).as("seed %d", seed).isInstanceOf(VpcException.class);
    } catch (IllegalStateException e) {
      assertThat(e).as("seed %d", seed).hasMessageContaining("taken or closed");
    } catch (java.util.concurrent.TimeoutException e) {
      throw new AssertionError("seed " + seed + ": a fetch did not end", e);
    }
  }

  /** Up to 300 frames, each likely to be in order by itself; then the connection is closed. */
  private static void say(ScriptedPeer.Conversation with, Random random) {
    try {
      var wire = Http2Wire.accept(with);
      var newest = wire.request().stream();
      for (var frames = random.nextInt(300); frames > 0; frames--) {
        while (wire.available()) {
          newest = Math.max(newest, wire.nextOfAny().stream());
        }
        one(wire, random, newest);
      }
    } catch (IOException e) {
      return; // the client has had enough
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void one(Http2Wire wire, Random random, int newest) throws IOException {
    var stream =
        random.nextInt(40) == 0 ? random.nextInt(12) : newest - 2 * random.nextInt(newest / 2);
    var flags = random.nextInt(10) == 0 ? random.nextInt(256) : random.nextInt(8) == 0 ? 1 : 0;
    switch (random.nextInt(16)) {
      case 0, 1, 2, 3, 4 ->
          wire.head(stream, flags & ~Http2Wire.PADDED, HEADS[random.nextInt(HEADS.length)]);
      case 5, 6, 7, 8, 9 -> wire.data(stream, flags, octets(random.nextInt(3_000)));
      case 10 -> wire.window(random.nextInt(2) * stream, 1 + random.nextInt(100_000));
      case 11 -> wire.settings(1 + random.nextInt(6), random.nextInt(20_000));
      case 12 -> wire.send(Http2Wire.PING, flags & Http2Wire.ACK, 0, new byte[8]);
      case 13 -> {
        if (random.nextInt(3) == 0) {
          wire.reset(stream, random.nextInt(14));
        }
      }
      case 14 -> {
        if (random.nextInt(10) == 0) {
          wire.goAway(stream, random.nextInt(14));
        }
      }
      default -> {
        if (random.nextInt(10) == 0) {
          var payload = new byte[random.nextInt(40)];
          random.nextBytes(payload);
          wire.send(random.nextInt(12), random.nextInt(256), stream, payload);
        }
      }
    }
  }
}
