package io.vpc4j.tunnel.carrier.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.testkit.ManualTicker;
import io.vpc4j.tunnel.carrier.ConnectorCarrier;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.Windows;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a closed stream's last octets, towards a peer that takes its time. */
class LastOctetsTest {

  private static final int LAST_OCTETS = 512 << 10;

  private final ManualTicker ticker = new ManualTicker();
  private final QuicPair pair = new QuicPair(EventLoops.open(EventLoops.best(), 2), ticker);
  private final BlockingQueue<Channel> farChannels = new LinkedBlockingQueue<>();
  private final Recorder far = new Recorder();
  private ConnectorCarrier connector;
  private EdgeCarrier edge;

  @BeforeEach
  void begin() throws Exception {
    pair.listen();
    connector = pair.dial();
    edge = QuicPair.take(pair.accepted);
    pair.origin(
        "slow",
        stream -> {
          stream.channel().config().setAutoRead(false);
          stream.accept(ConnectResponse.connected(), far);
          farChannels.add(stream.channel());
        });
  }

  @AfterEach
  void end() {
    pair.close();
  }

  private StreamLink closeWithMuchToSend() throws Exception {
    var channel = pair.open(edge, "slow", new Recorder());
    channel.writeAndFlush(QuicPair.zeros(LAST_OCTETS));
    channel.close().sync();
    // All but a piece that the library may keep, and then no more.
    var almostAll = Windows.STREAM_INITIAL_OCTETS - ConnectionWriter.QUANTUM_OCTETS;
    var before = new AtomicLong(-1);
    QuicPair.until(
        () -> {
          LockSupport.parkNanos(50_000_000);
          var now = edge.octetsOut();
          return before.getAndSet(now) == now && now >= almostAll;
        });
    return ((CarriedStream) channel).link();
  }

  private void look(StreamLink link, Duration later) throws Exception {
    ticker.advance(later);
    QuicPair.onLoop(
        edge,
        () -> {
          link.lookAtLast();
          return 0L;
        });
  }

  @Test
  void theyHaveAsLongAsTheyNeedWhileAnyOfThemGo() throws Exception {
    var link = closeWithMuchToSend();
    var slow = QuicPair.take(farChannels);
    var almost = Duration.ofNanos(Windows.STALLED_NS - 1);
    look(link, Duration.ZERO);
    look(link, almost);
    var before = edge.octetsOut();
    slow.config().setAutoRead(true);
    QuicPair.until(() -> edge.octetsOut() > before);
    look(link, almost);

    far.awaitOctets(LAST_OCTETS);
    assertThat(far.events).doesNotContain("exception");
    slow.close();
  }

  @Test
  void theyAreGivenUpWhenNoneOfThemHaveGoneForLong() throws Exception {
    var link = closeWithMuchToSend();
    var slow = QuicPair.take(farChannels);
    look(link, Duration.ZERO);
    look(link, Duration.ofNanos(Windows.STALLED_NS - 1));
    assertThat(link.output().done()).isFalse();
    look(link, Duration.ofNanos(1));

    assertThat(link.output().done()).isTrue();
    QuicPair.until(() -> edge.openStreams() == 0);
    slow.config().setAutoRead(true);
    far.awaitInactive();
    assertThat(far.events).contains("exception");
    assertThat(connector.isOpen()).isTrue();
  }

  @Test
  void whatThePeerPoursMeanwhileDoesNotCostThem() throws Exception {
    pair.origin(
        "busy",
        stream -> {
          stream.channel().config().setAutoRead(false);
          stream.accept(ConnectResponse.connected(), far);
          stream.channel().writeAndFlush(QuicPair.zeros(3 * StreamLink.DISCARD_OCTETS));
          farChannels.add(stream.channel());
        });
    var channel = pair.open(edge, "busy", new Recorder());
    channel.config().setAutoRead(false);
    channel.writeAndFlush(QuicPair.zeros(LAST_OCTETS));
    var link = ((CarriedStream) channel).link();
    channel.close().sync();
    var busy = QuicPair.take(farChannels);
    QuicPair.until(() -> edge.octetsIn() > StreamLink.DISCARD_OCTETS);
    QuicPair.until(() -> isStopped(link));
    assertThat(link.output().done()).isFalse();
    busy.config().setAutoRead(true);

    far.awaitOctets(LAST_OCTETS);
    assertThat(far.events).doesNotContain("exception");
    busy.close();
  }

  private boolean isStopped(StreamLink link) {
    try {
      return QuicPair.onLoop(edge, () -> link.inputStopped() ? 1L : 0L) == 1;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
