package io.vpc4j.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.core.spi.Dial;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.Transport.Capability;
import io.vpc4j.core.spi.TransportProvider;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every promise of {@link Transport}, {@link TransportProvider} and {@link Dial}, as tests.
 *
 * <p>Extend it, say in {@link #arrange} how your network is set up, and run it. The far end is a
 * TCP server of this class at {@link #farEndAddress}; your network must lead to it. Nothing is
 * dialled but what {@code arrange} names. Every wait has a deadline of {@value #PATIENCE_SECONDS}
 * s.
 *
 * <p>Where the network cannot do something it says so ({@link Transport#capabilities}), and the
 * tests of it then hold that it refuses.
 */
@Timeout(60)
public abstract class TransportContract extends AcceptingContract {

  private static final int LARGE_OCTETS = 32 << 20;

  /** For the test class that extends this. */
  protected TransportContract() {}

  // ---- who carries what

  @Test
  void theProviderHasANameAndCarriesItsHopAndNobodyElses() {
    var provider = world.provider();

    assertFalse(provider.name().isBlank(), "a name");
    assertEquals(provider.name(), provider.name());
    assertTrue(provider.carries(world.hop()), () -> "its own hop " + world.hop());
    assertTrue(provider.carries(world.hop()), "same hop, same answer");
    assertFalse(provider.carries(new NextHop.CustomHop("somebody-elses", "x")), "a foreign hop");
  }

  @Test
  void theStatusIsForPeopleAndForHealthChecks() throws Exception {
    connect(world.target(), new NearEnd());

    var status = transport.status();

    assertTrue(status.ready(), status::summary);
    assertFalse(status.summary().isBlank(), "a summary");
    assertEquals(transport.capabilities(), transport.capabilities(), "capabilities are constant");
  }

  // ---- octets

  @Test
  void octetsArriveInOrderAndUnchangedBothWays() {
    Seeds.forEach(
        1,
        3,
        random -> {
          var near = new NearEnd();
          var channel = connect(world.target(), near); // the far end sends back what it gets
          var sent = new ByteArrayOutputStream();
          for (var i = 0; i < 64; i++) {
            var piece = new byte[random.nextInt(40_000)];
            random.nextBytes(piece);
            sent.writeBytes(piece);
            channel.writeAndFlush(Unpooled.wrappedBuffer(piece));
          }
          until("all came back", () -> near.octets.get() >= sent.size());
          assertArrayEquals(sent.toByteArray(), near.received());
          channel.close().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        });
  }

  @Test
  void manyConnectionsAtOnceDoNotMeet() throws Exception {
    var random = new Random(7);
    var dials = new ArrayList<Future<Channel>>();
    var ends = new ArrayList<NearEnd>();
    for (var i = 0; i < 64; i++) {
      var near = new NearEnd();
      ends.add(near);
      dials.add(transport.connect(dial(world.target(), near, seconds(PATIENCE_SECONDS))));
    }
    var sent = new ArrayList<byte[]>();
    for (var dial : dials) {
      var piece = new byte[1 + random.nextInt(5_000)];
      random.nextBytes(piece);
      sent.add(piece);
      channelOf(dial).writeAndFlush(Unpooled.wrappedBuffer(piece));
    }
    for (var i = 0; i < sent.size(); i++) {
      var near = ends.get(i);
      var expected = sent.get(i);
      until("its own octets", () -> near.octets.get() >= expected.length);
      assertArrayEquals(expected, near.received());
    }
    assertEquals(64, farEnd.accepted.get());
  }

  // ---- back-pressure

  @Test
  void aFarEndThatDoesNotReadStopsTheWriter() throws Exception {
    var reads = new CountDownLatch(1);
    var total = new AtomicLong();
    farEnd.script =
        socket -> {
          reads.await();
          var buffer = new byte[1 << 16];
          for (var n = 0; n >= 0; n = socket.getInputStream().read(buffer)) {
            total.addAndGet(n);
          }
        };
    var channel = connect(world.target(), new NearEnd());
    var piece = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(new byte[1 << 16]));
    var written = 0L;
    var stalledNs = 0L;
    // Written while it says that it takes more; over once it has said no for 200 ms.
    while (written < LARGE_OCTETS && stalledNs < TimeUnit.MILLISECONDS.toNanos(200)) {
      if (channel.isWritable()) {
        var done = channel.writeAndFlush(piece.duplicate());
        written += 1 << 16;
        stalledNs = 0;
        if (written % (1 << 20) == 0) {
          done.await(10, TimeUnit.MILLISECONDS); // lets the loop have its turn
        }
      } else {
        LockSupport.parkNanos(1_000_000);
        stalledNs += 1_000_000;
      }
    }

    assertTrue(written < LARGE_OCTETS, "32 MiB were taken and nobody has read an octet");
    reads.countDown();
    var expected = written;
    until("the writer may go on, and all arrives", () -> total.get() == expected);
    until("it is writable again", channel::isWritable);
  }

  @Test
  void aNearEndThatDoesNotReadStopsTheFarEnd() throws Exception {
    var sent = new AtomicLong();
    farEnd.script =
        socket -> {
          var piece = new byte[1 << 16];
          while (sent.get() < LARGE_OCTETS) {
            socket.getOutputStream().write(piece);
            sent.addAndGet(piece.length);
          }
        };
    var near = new NearEnd();
    var dial = dial(world.target(), near, seconds(PATIENCE_SECONDS), false);
    var channel = channelOf(transport.connect(dial));
    var before = new AtomicLong(-1);
    until(
        "the far end is stopped",
        () -> {
          LockSupport.parkNanos(100_000_000);
          return before.getAndSet(sent.get()) == sent.get() && sent.get() > 0;
        });

    assertTrue(sent.get() < LARGE_OCTETS, "32 MiB were sent and nobody has read an octet");
    channel.config().setAutoRead(true);
    until("the rest", () -> near.octets.get() == LARGE_OCTETS);
  }

  // ---- ends

  @Test
  void theEndOfOurOutputIsAnEndOfStreamWhereTheNetworkHasIt() throws Exception {
    var got = new CompletableFuture<String>();
    farEnd.script =
        socket -> {
          var all = socket.getInputStream().readAllBytes();
          got.complete(new String(all, StandardCharsets.US_ASCII));
          socket.getOutputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
        };
    var near = new NearEnd();
    var channel = connect(world.target(), near);
    if (!transport.capabilities().contains(Capability.HALF_CLOSE)) {
      channel.close();
      return;
    }
    channel.writeAndFlush(Unpooled.copiedBuffer("question", StandardCharsets.US_ASCII));
    assertInstanceOf(DuplexChannel.class, channel).shutdownOutput();

    assertEquals("question", got.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    until("the answer", () -> near.octets.get() == 6);
  }

  @Test
  void theEndOfTheFarEndsOutputLeavesOursOpenWhereTheNetworkHasIt() throws Exception {
    var got = new CompletableFuture<String>();
    farEnd.script =
        socket -> {
          socket.shutdownOutput();
          got.complete(
              new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        };
    var near = new NearEnd();
    var channel =
        channelOf(
            transport.connect(
                dial(
                    world.target(),
                    new ChannelInitializer<>() {
                      @Override
                      protected void initChannel(Channel made) {
                        made.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                        made.pipeline().addLast(near);
                      }
                    })));
    near.inputEnded.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (transport.capabilities().contains(Capability.HALF_CLOSE)) {
      assertFalse(near.events.contains("inactive"), near.events::toString);
      channel.writeAndFlush(Unpooled.copiedBuffer("late", StandardCharsets.US_ASCII));
      ((DuplexChannel) channel).shutdownOutput();
      assertEquals("late", got.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }
  }

  @Test
  void anEndOfStreamIsNoException() throws Exception {
    farEnd.script = socket -> socket.getOutputStream().write(new byte[10]);
    var near = new NearEnd();
    connect(world.target(), near);

    near.inactive.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertEquals(10, near.octets.get(), "what came before the end is given out");
    assertFalse(near.events.contains("exception"), near.events::toString);
  }

  @Test
  void aResetIsAnExceptionAndThenTheEnd() throws Exception {
    farEnd.script =
        socket -> {
          socket.getInputStream().read();
          socket.setSoLinger(true, 0);
        };
    var near = new NearEnd();
    var channel = connect(world.target(), near);
    channel.writeAndFlush(Unpooled.copiedBuffer("x", StandardCharsets.US_ASCII));

    near.inactive.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertTrue(near.events.contains("exception"), near.events::toString);
    assertTrue(
        near.events.indexOf("exception") < near.events.indexOf("inactive"), near.events::toString);
  }

  @Test
  void eventsComeInOrderOnTheChannelsLoop() throws Exception {
    var near = new NearEnd();
    var channel = connect(world.target(), near);
    channel.close();
    near.inactive.get(PATIENCE_SECONDS, TimeUnit.SECONDS);

    assertEquals(List.of("added", "active", "inactive"), List.copyOf(near.events));
    assertNull(near.wrongThread);
  }

  // ---- dials that come to nothing

  @Test
  void nobodyListeningIsARefusal() throws Exception {
    fails(world.refused(), ErrorCode.CONNECTION_REFUSED);
  }

  @Test
  void anAddressTheNetworkDoesNotHaveIsNotFoundAndNotDialledElsewhere() throws Exception {
    var failure = failure(world.unknown(), seconds(PATIENCE_SECONDS));

    assertTrue(
        failure.code() == ErrorCode.DESTINATION_NOT_FOUND
            || failure.code() == ErrorCode.DESTINATION_IP_UNROUTABLE,
        failure::toString);
    assertEquals(0, farEnd.accepted.get());
  }

  @Test
  void silenceEndsAtTheDeadline() throws Exception {
    if (world.silent().isPresent()) {
      var failure = failure(world.silent().get(), Duration.ofMillis(200));

      assertEquals(ErrorCode.CONNECTION_TIMEOUT, failure.code(), failure::toString);
      assertEquals(VpcException.Stage.CONNECT, failure.stage(), failure::toString);
    }
  }

  @Test
  void aDialThatIsGivenUpLeavesNothing() throws Exception {
    if (world.silent().isPresent()) {
      var near = new NearEnd();
      var dialling = transport.connect(dial(world.silent().get(), near, seconds(PATIENCE_SECONDS)));

      assertTrue(dialling.cancel(true), "a dial can be given up");
      assertTrue(dialling.isCancelled());
      assertFalse(near.events.contains("active"), near.events::toString);
    }
    // One that may have succeeded meanwhile: then it is ours to close, and either way none stays.
    var near = new NearEnd();
    var dialling = transport.connect(dial(world.target(), near, seconds(PATIENCE_SECONDS)));
    if (!dialling.cancel(true)) {
      dialling.getNow().close();
    }
    until(
        "no connection is left",
        () -> !near.events.contains("active") || near.events.contains("inactive"));
  }

  @Test
  void datagramsAreCarriedOrRefused() throws Exception {
    if (!transport.capabilities().contains(Capability.DATAGRAM)) {
      var target = world.target();
      var dialling =
          transport.connect(
              new Dial(
                  world.hop(),
                  target.address(),
                  target.port(),
                  Optional.empty(),
                  Dial.Kind.DATAGRAM,
                  new NearEnd(),
                  ticker.nowNs() + seconds(PATIENCE_SECONDS).toNanos()));
      assertTrue(dialling.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
      assertInstanceOf(VpcException.class, dialling.cause());
    }
  }

  // ---- names

  @Test
  void aNameIsResolvedByTheNetworkThatOwnsIt() throws Exception {
    var answer = transport.resolve(lookup(world.name()));

    assertTrue(answer.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    assertTrue(answer.isSuccess(), () -> String.valueOf(answer.cause()));
    assertTrue(answer.getNow().contains(world.target().address()), answer.getNow()::toString);
  }

  @Test
  void aNameTheNetworkDoesNotHaveIsADnsError() throws Exception {
    var answer = transport.resolve(lookup(world.unknownName()));

    assertTrue(answer.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    var failure = assertInstanceOf(VpcException.class, answer.cause());
    assertEquals(ErrorCode.DNS_ERROR, failure.code(), failure::toString);
    assertEquals(VpcException.Stage.RESOLVE, failure.stage(), failure::toString);
  }

  // ---- the end of it all

  @Test
  void closingEndsEveryConnectionAndRefusesTheNext() throws Exception {
    var ends = new ArrayList<NearEnd>();
    for (var i = 0; i < 8; i++) {
      var near = new NearEnd();
      ends.add(near);
      connect(world.target(), near);
    }

    transport.close();
    transport.close(); // may be called again

    for (var near : ends) {
      near.inactive.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    assertNotNull(failure(world.target(), seconds(PATIENCE_SECONDS)).code());
    assertFalse(transport.status().ready(), "a closed transport is not ready");
  }
}
