package io.vpc4j.mesh.netstack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.tcp.wire.TcpWriter;
import io.vpc4j.mesh.netstack.wire.Ecn;
import io.vpc4j.mesh.netstack.wire.SipHash;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Backlogs, floods, cookies. */
class TcpListenerTest {

  private static final SipHash HASH = new SipHash(3, 4);

  private final TcpHost host = new TcpHost(TcpLimits.defaults());
  private final TcpSegment segment = new TcpSegment();
  private final TcpSegment answer = new TcpSegment();
  private final ByteBuffer reply = ByteBuffer.allocate(100);

  private TcpListener listener(int maxHalfOpen, int maxWaiting) {
    return new TcpListener(host, TcpSettings.defaults(), maxHalfOpen, maxWaiting, HASH);
  }

  private static TcpFlow flow(int port) {
    return new TcpFlow(80, port, 1_480, HASH.hash(80, port));
  }

  private TcpSegment segment(int port, int flags, int seq, int ack) {
    var out = ByteBuffer.allocate(60);
    var writer = new TcpWriter().begin(out, port, 80).numbers(seq, ack).flags(flags, 1_000);
    if ((flags & TcpSegment.SYN) != 0) {
      writer.mss(1_400).sackPermitted().timestamps(77, 0).windowScale(5);
    } else {
      writer.timestamps(78, answer.tsVal());
    }
    writer.end();
    segment.read(out, 0, out.position(), Ecn.NOT_ECT);
    return segment;
  }

  private TcpSegment answered() {
    assertThat(answer.read(reply, 0, reply.position(), Ecn.NOT_ECT))
        .isEqualTo(TcpSegment.Verdict.OK);
    return answer;
  }

  @Test
  void aFloodOfSynsCostsNoMoreThanTheBacklog() {
    var listener = listener(8, 8);
    var made = 0;
    for (var port = 1; port <= 50_000; port++) {
      var syn = segment(port, TcpSegment.SYN, port, 0);
      made += listener.onSegment(syn, flow(port), reply.clear(), 0) == null ? 0 : 1;
    }
    assertThat(made).isEqualTo(8);
    assertThat(listener.halfOpen()).isEqualTo(8);
    assertThat(listener.cookiesGiven()).isEqualTo(50_000 - 8);
    assertThat(host.bufferedOctets()).isZero();
  }

  @Test
  void aCookieThatComesBackIsAConnectionWithTheOptionsOfItsSyn() {
    var listener = listener(0, 8);
    var syn = segment(5, TcpSegment.SYN, 100, 0);
    assertThat(listener.onSegment(syn, flow(5), reply.clear(), 0)).isNull();
    var isn = answered().seq();

    var ack = segment(5, TcpSegment.ACK, 101, isn + 1);
    var connection = listener.onSegment(ack, flow(5), reply.clear(), 30_000_000_000L);
    assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
    assertThat(listener.accept()).isSameAs(connection);
    assertThat(connection.statistics().sendWindowOctets()).isEqualTo(1_000 << 5);
    assertThat(connection.statistics().maxSegmentOctets()).isEqualTo(1_380 - 12);
  }

  @Test
  void aCookieIsGoodForTwoMinutesForOneFlowAndOnlyUnchanged() {
    var listener = listener(0, 8);
    listener.onSegment(segment(5, TcpSegment.SYN, 100, 0), flow(5), reply.clear(), 0);
    var isn = answered().seq();
    for (var guess : new int[] {isn, isn + 2, isn + (1 << 24), isn ^ 0x40}) {
      var ack = segment(5, TcpSegment.ACK, 101, guess);
      assertThat(listener.onSegment(ack, flow(5), reply.clear(), 0)).isNull();
      assertThat(answered().has(TcpSegment.RST)).isTrue();
    }
    var elsewhere = segment(6, TcpSegment.ACK, 101, isn + 1);
    assertThat(listener.onSegment(elsewhere, flow(6), reply.clear(), 0)).isNull();
    var otherNumber = segment(5, TcpSegment.ACK, 102, isn + 1);
    assertThat(listener.onSegment(otherNumber, flow(5), reply.clear(), 0)).isNull();
    var late = segment(5, TcpSegment.ACK, 101, isn + 1);
    assertThat(listener.onSegment(late, flow(5), reply.clear(), 130_000_000_000L)).isNull();
  }

  @Test
  void withoutAFloodNoAcknowledgmentIsTakenForACookie() {
    var listener = listener(8, 8);
    var ack = segment(5, TcpSegment.ACK, 101, 5);
    assertThat(listener.onSegment(ack, flow(5), reply.clear(), 0)).isNull();
    assertThat(answered()).hasToString("R 5:5(0) win 0");
  }

  @Test
  void whatNobodyAcceptsHoldsNewOnesBack() {
    var listener = listener(8, 1);
    establish(listener, 5);
    assertThat(listener.onSegment(segment(6, TcpSegment.SYN, 1, 0), flow(6), reply.clear(), 0))
        .isNull();
    assertThat(reply.position()).isZero();
    assertThat(listener.dropped()).isEqualTo(1);
    assertThat(listener.accept()).isNotNull();
    assertThat(listener.onSegment(segment(6, TcpSegment.SYN, 1, 0), flow(6), reply.clear(), 0))
        .isNotNull();
  }

  private TcpConnection establish(TcpListener listener, int port) {
    var connection =
        listener.onSegment(segment(port, TcpSegment.SYN, 100, 0), flow(port), reply.clear(), 0);
    connection.poll(reply.clear(), 0);
    var isn = answered().seq();
    connection.onSegment(segment(port, TcpSegment.ACK, 101, isn + 1), 0);
    assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
    return connection;
  }

  @Test
  void aHandshakeThatIsResetOrGivenUpLeavesItsPlace() {
    var listener = listener(1, 1);
    var first = listener.onSegment(segment(5, TcpSegment.SYN, 100, 0), flow(5), reply.clear(), 0);
    first.onSegment(segment(5, TcpSegment.RST, 101, 0), 0);
    assertThat(listener.halfOpen()).isZero();
    var second = listener.onSegment(segment(6, TcpSegment.SYN, 100, 0), flow(6), reply.clear(), 0);
    second.onTime(200_000_000_000L);
    assertThat(second.failure()).isEqualTo(TcpFailure.CONNECT_TIMED_OUT);
    assertThat(listener.halfOpen()).isZero();
  }

  @Test
  void closingResetsWhatNobodyAcceptedAndRefusesWhatComes() {
    var listener = listener(8, 8);
    var waiting = establish(listener, 5);
    listener.close(0);
    assertThat(waiting.failure()).isEqualTo(TcpFailure.ABORTED);
    assertThat(waiting.poll(reply.clear(), 0)).isPositive();
    assertThat(listener.onSegment(segment(6, TcpSegment.SYN, 1, 0), flow(6), reply.clear(), 0))
        .isNull();
    assertThat(answered()).hasToString("R. 0:0(0) ack 2 win 0");
  }
}
