package io.vpc4j.mesh.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.tcp.wire.TcpWriter;
import io.vpc4j.mesh.netstack.wire.Ecn;
import io.vpc4j.testkit.Seeds;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A peer, or somebody who can write in its name, that means us harm. */
class HostilePeerTest {

  private static final TcpSettings RENO =
      TcpSettings.defaults()
          .withCongestion(TcpSettings.Algorithm.NEW_RENO)
          .withEcn(TcpSettings.Negotiation.REFUSE);

  private static final String CONNECTED =
      """
      +0   connect
      +0   > S 0:0(0)
      +.01 < S. 0:0(0) ack 1 win 65535 <mss 1000>
      +0   > . 1:1(0) ack 1
      """;

  private static final String TEN =
      """
      +0   write 60000
      +0   > . 1:1001(1000) ack 1
      +0   > . 1001:2001(1000) ack 1
      +0   > . 2001:3001(1000) ack 1
      +0   > . 3001:4001(1000) ack 1
      +0   > . 4001:5001(1000) ack 1
      +0   > . 5001:6001(1000) ack 1
      +0   > . 6001:7001(1000) ack 1
      +0   > . 7001:8001(1000) ack 1
      +0   > . 8001:9001(1000) ack 1
      +0   > . 9001:10001(1000) ack 1
      """;

  /** RFC 3465 2.1: octets are counted, and not acknowledgments. */
  @Test
  void dividedAcknowledgmentsOpenTheWindowByNoMoreThanWhole() {
    var conversation = new Conversation(RENO).then(CONNECTED).then(TEN);
    for (var ack = 101; ack <= 401; ack += 100) {
      conversation.then("+0 < . 1:1(0) ack " + ack);
    }
    conversation.then("+0 < . 1:1(0) ack 501\n+0 > . 10001:11001(1000) ack 1");
    for (var ack = 601; ack <= 901; ack += 100) {
      conversation.then("+0 < . 1:1(0) ack " + ack);
    }
    conversation.then(
        """
        +0   < . 1:1(0) ack 1001
        +0   > . 11001:12001(1000) ack 1
        +0   cwnd 11000
        """);
  }

  @Test
  void acknowledgmentsOfWhatWasNeverSentAreRefused() {
    new Conversation(RENO)
        .then(CONNECTED)
        .then(TEN)
        .then(
            """
            +0   < . 1:1(0) ack 10002
            +0   > . 10001:10001(0) ack 1
            +0   cwnd 10000
            +0   flight 10000
            """);
  }

  /** RFC 9293 3.8.6.1 keeps the connection; the application may not, and memory is bounded. */
  @Test
  void aWindowThatStaysShutForADayHoldsOneBufferAndOneTimer() {
    var conversation =
        new Conversation(RENO.withBuffers(20_000, 20_000))
            .then(CONNECTED)
            .then("+0 write 30000 = 20000\n" + TEN.substring(TEN.indexOf('\n') + 1));
    conversation.then("+0 < . 1:1(0) ack 10001 win 0");
    for (var minute = 0; minute < 24 * 60; minute++) {
      probe(conversation);
    }
    assertThat(conversation.connection.state()).isEqualTo(TcpState.ESTABLISHED);
    assertThat(conversation.host().bufferedOctets()).isLessThanOrEqualTo(32_768);
    conversation.then("+0 abort\n+0 > R. 10001:10001(0) ack 1\n+0 due never");
    assertThat(conversation.host().bufferedOctets()).isZero();
  }

  private static void probe(Conversation conversation) {
    var due = (conversation.connection.deadlineNs() - conversation.nowNs()) / 1e9;
    assertThat(due).isBetween(0.001, 60.001);
    conversation.then(
        "+%.9f > . 10000:10000(0) ack 1\n+0 < . 1:1(0) ack 10001 win 0".formatted(due));
  }

  /** A window of one octet: silly, and answered only as often as the persist timer allows. */
  @Test
  void aTinyWindowIsNotFilledOctetByOctet() {
    new Conversation(RENO)
        .then(CONNECTED)
        .then(TEN)
        .then(
            """
            +.01 < . 1:1(0) ack 10001 win 1
            +.21 > . 10001:10002(1) ack 1
            +0   < . 1:1(0) ack 10002 win 1
            +.1  flight 0
            """);
  }

  @Test
  void everySecondOctetFillsNoMoreThanTheListAndTheWindow() {
    var conversation = new Conversation(RENO).then(CONNECTED);
    var host = conversation.host();
    for (var i = 0; i < 30_000; i++) {
      inject(conversation, TcpSegment.ACK, 3 + 2 * i, 1, 1);
      while (conversation.connection.poll(ByteBuffer.allocate(1_500), conversation.nowNs()) > 0) {
        assertThat(host.bufferedOctets())
            .isLessThanOrEqualTo(TcpSettings.INITIAL_BUFFER_OCTETS + 8_192);
      }
    }
    conversation.connection.abort(conversation.nowNs());
    assertThat(host.bufferedOctets()).isZero();
  }

  private static void inject(Conversation conversation, int flags, int seq, int ack, int octets) {
    var out = ByteBuffer.allocate(100);
    new TcpWriter()
        .begin(out, Conversation.PEER_PORT, Conversation.OUR_PORT)
        .numbers(Conversation.PEER_ISN + seq, Conversation.OUR_ISN + ack)
        .flags(flags, 60_000)
        .end();
    var segment = new TcpSegment();
    segment.read(out, 0, out.position() + octets, Ecn.NOT_ECT);
    conversation.connection.onSegment(segment, conversation.nowNs());
  }

  /** RFC 5961: a million guesses at a connection that is busy. */
  @Test
  void blindResetsSynsAndDataEndNothing() {
    Seeds.forEach(
        5961,
        20,
        random -> {
          var net = new Simulation(SimulatedLink.Shape.delayMs(10), TcpSettings.defaults(), 1);
          var listener = net.server.listen(10, 10);
          var client = net.client.connect(40_000, 80);
          var transfer = new Transfer(client, 1 << 20);
          var accepted = new TcpConnection[1];
          var done =
              net.run(
                  100,
                  transfer::finished,
                  () -> {
                    transfer.write(net.nowNs());
                    if (accepted[0] == null) {
                      accepted[0] = listener.accept();
                    } else {
                      transfer.read(accepted[0], net.nowNs());
                      for (var i = 0; i < 200; i++) {
                        net.inject(net.server, guess(random));
                      }
                    }
                  });
          assertThat(done).as(net.server.state()).isTrue();
        });
  }

  private static ByteBuffer guess(Random random) {
    var flags = new int[] {TcpSegment.RST, TcpSegment.SYN, TcpSegment.ACK | TcpSegment.PSH};
    var out = ByteBuffer.allocate(100);
    new TcpWriter()
        .begin(out, 40_000, 80)
        .numbers(random.nextInt(), random.nextInt())
        .flags(flags[random.nextInt(3)], random.nextInt(65_536))
        .end();
    return out.position(out.position() + random.nextInt(10)).flip();
  }

  /**
   * Whole sequences of segments near the window, calls and pauses, from recorded seeds: nothing is
   * thrown, each poll ends, each deadline that is met moves, memory is bounded and given back.
   */
  @Test
  void noSequenceOfSegmentsBreaksIt() {
    Seeds.forEach(
        20_261_126,
        3_000,
        random -> {
          var host = new TcpHost(TcpLimits.defaults());
          var flow = new TcpFlow(1, 2, 600, random.nextLong());
          var settings =
              TcpSettings.defaults()
                  .withBuffers(30_000, 30_000)
                  .withKeepalive(1_000_000_000, 1_000_000_000, 3);
          var connection = TcpConnection.open(host, flow, settings, 0);
          var out = ByteBuffer.allocate(2_048);
          var segment = new TcpSegment();
          var sent = new TcpSegment();
          var now = 0L;
          var peer = random.nextInt();
          for (var step = 0; step < 150; step++) {
            now +=
                random.nextInt(5) == 0 ? random.nextInt(2_000_000_000) : random.nextInt(1_000_000);
            connection.onTime(now);
            var polled = 0;
            while (connection.poll(out.clear(), now) > 0) {
              assertThat(sent.read(out, 0, out.position(), Ecn.NOT_ECT))
                  .isEqualTo(TcpSegment.Verdict.OK);
              assertThat(++polled).isLessThan(300);
            }
            while (connection.pollEvent() != null) {
              assertThat(connection.toString()).isNotEmpty();
            }
            var due = connection.deadlineNs();
            assertThat(due).as("%s at step %d", connection, step).isGreaterThan(now);
            assertThat(host.bufferedOctets()).isLessThan(120_000);
            act(random, connection, out, now);
            write(random, out.clear(), sent, peer);
            if (segment.read(out, 0, out.position(), Ecn.of(random.nextInt(4)))
                == TcpSegment.Verdict.OK) {
              connection.onSegment(segment, now);
            }
          }
          connection.abort(now);
          connection.poll(out.clear(), now);
          assertThat(connection.deadlineNs()).isEqualTo(TcpConnection.NO_DEADLINE);
          assertThat(connection.poll(out.clear(), now)).isZero();
          assertThat(host.bufferedOctets()).isZero();
          assertThat(host.timeWaits()).isZero();
        });
  }

  private static void act(Random random, TcpConnection connection, ByteBuffer out, long now) {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> {
        if (connection.canWrite()) {
          connection.write(out.clear().limit(random.nextInt(2_000)), now);
        }
      }
      case 3, 4, 5 -> connection.read(out.clear(), now);
      case 6 ->
          connection.onPathMtu(
              random.nextInt(700),
              connection.flow().initialSequence(new TcpHost(TcpLimits.defaults()), 0)
                  + random.nextInt(4_000),
              now);
      case 7 ->
          connection.onIcmpError(
              List.of(IcmpError.values()).get(random.nextInt(7)), random.nextInt(), now);
      case 8 -> {
        if (random.nextInt(20) == 0) {
          connection.shutdownOutput(now);
        } else if (random.nextInt(20) == 0) {
          connection.close(now);
        }
      }
      default ->
          assertThat(connection.peek(out.clear()))
              .isEqualTo(Math.min(connection.readable(), 2_048));
    }
  }

  /** Something near what the connection last said, with options now and then. */
  private static void write(Random random, ByteBuffer out, TcpSegment last, int peer) {
    var wild = random.nextInt(10) == 0;
    var seq =
        wild
            ? random.nextInt()
            : last.has(TcpSegment.ACK)
                ? last.ack() + random.nextInt(3_000) - (random.nextBoolean() ? 0 : 1_500)
                : peer;
    if (random.nextInt(3) > 0 && last.has(TcpSegment.ACK)) {
      seq = last.ack();
    }
    var ack =
        wild ? random.nextInt() : last.end() - (random.nextInt(3) == 0 ? random.nextInt(3_000) : 0);
    var flags = TcpSegment.ACK;
    if (last.has(TcpSegment.SYN) || random.nextInt(60) == 0) {
      flags |= TcpSegment.SYN;
    }
    if (random.nextInt(40) == 0) {
      flags = random.nextInt(256);
    }
    var writer =
        new TcpWriter()
            .begin(out, 2, 1)
            .numbers(seq, ack)
            .flags(flags, random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(65_536));
    if ((flags & TcpSegment.SYN) != 0) {
      writer.mss(random.nextInt(1_500));
      if (random.nextBoolean()) {
        writer.sackPermitted().windowScale(random.nextInt(20));
      }
    }
    if (random.nextInt(3) == 0) {
      writer.sack(
          new int[] {
            ack + random.nextInt(2_000),
            ack + random.nextInt(4_000),
            ack - random.nextInt(2_000),
            ack + random.nextInt(9)
          },
          1 + random.nextInt(2));
    }
    writer.end();
    out.position(out.position() + (random.nextBoolean() ? random.nextInt(560) : 0));
  }

  /**
   * The goal: 10,000 idle connections under 100 MiB. What lies in buffers is all that counts here.
   */
  @Test
  void anIdleConnectionHoldsNoBuffer() {
    var net = new Simulation(SimulatedLink.Shape.delayMs(1), TcpSettings.defaults(), 7);
    var listener = net.server.listen(1_000, 1_000);
    for (var port = 1; port <= 500; port++) {
      var client = net.client.connect(40_000 + port, 80);
      var transfer = new Transfer(client, 20_000);
      var accepted = new TcpConnection[1];
      net.run(
          10,
          () -> transfer.read() == 20_000,
          () -> {
            if (client.canWrite()) {
              transfer.write(net.nowNs());
            }
            if (accepted[0] == null) {
              accepted[0] = listener.accept();
            } else {
              transfer.read(accepted[0], net.nowNs());
            }
          });
      net.run(0.1);
    }
    assertThat(net.server.live()).isEqualTo(500);
    assertThat(net.server.tcp.bufferedOctets()).isZero();
    assertThat(net.client.tcp.bufferedOctets()).isZero();
  }
}
