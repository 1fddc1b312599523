package io.vpc4j.tunnel.carrier.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.Windows;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BackPressureTest {

  private static final int STALLED = 1_000;

  /** What goes before the content of a stream: signature, version, message. */
  private static final int PREAMBLE_OCTETS = 1 << 10;

  private final QuicPair pair = new QuicPair();
  private final AtomicLong unused = new AtomicLong();
  private final Queue<Channel> atConnector = new ConcurrentLinkedQueue<>();

  @AfterEach
  void end() {
    pair.close();
  }

  /** Reads nothing, ever. */
  private static final class Stalled extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      context.channel().config().setAutoRead(false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  private void pourAtConnector() {
    pair.origin(
        "pour",
        stream -> {
          atConnector.add(stream.channel());
          stream.accept(ConnectResponse.connected(), new Pourer(unused));
        });
  }

  /** Goes on while {@code edge} answers so many requests. */
  private void exchanges(EdgeCarrier edge, int times) throws Exception {
    for (var i = 0; i < times; i++) {
      var near = new Recorder();
      var channel = pair.open(edge, "echo", near);
      channel.writeAndFlush(QuicPair.octets("still here"));
      near.awaitOctets(10);
      channel.close();
    }
  }

  @Test
  void aReaderThatStandsStillHoldsItsWindowAndNoMore() throws Exception {
    pourAtConnector();
    pair.listen();
    var connector = pair.dial();
    var edge = QuicPair.take(pair.accepted);

    var channel = pair.open(edge, "pour", new Stalled());

    QuicPair.until(() -> connector.octetsOut() >= Windows.STREAM_INITIAL_OCTETS);
    exchanges(edge, 50);
    assertThat(connector.octetsOut())
        .isBetween(
            (long) Windows.STREAM_INITIAL_OCTETS,
            (long) Windows.STREAM_INITIAL_OCTETS + 51 * PREAMBLE_OCTETS);
    channel.close();
  }

  @Test
  void towardsAConnectorThatStandsStillTheChannelBecomesUnwritable() throws Exception {
    pair.origin("still", stream -> stream.accept(ConnectResponse.connected(), new Stalled()));
    var edge = pair.connect();

    var channel = pair.open(edge, "still", new Pourer(unused));

    QuicPair.until(() -> edge.octetsOut() >= Windows.STREAM_INITIAL_OCTETS);
    exchanges(edge, 50);
    assertThat(channel.isWritable()).isFalse();
    assertThat(edge.octetsOut()).isLessThan(Windows.STREAM_INITIAL_OCTETS + 51 * PREAMBLE_OCTETS);
    channel.close();
  }

  @Test
  void aReaderThatGoesOnGetsEverything() throws Exception {
    pair.origin(
        "large",
        stream ->
            stream.accept(
                ConnectResponse.connected(),
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelActive(ChannelHandlerContext context) {
                    context.writeAndFlush(QuicPair.zeros(8 << 20));
                    context.close();
                  }
                }));
    var edge = pair.connect();
    var near = new Recorder();
    var channel = pair.open(edge, "large", QuicPair.fresh(() -> near));
    channel.config().setAutoRead(false);
    exchanges(edge, 20);
    channel.config().setAutoRead(true);

    near.awaitInactive();
    assertThat(near.octets).hasValue(8 << 20);
    assertThat(near.events).doesNotContain("exception");
  }

  @Test
  void aThousandStalledReadersHoldTheirWindowsAndTheOthersLiveOn() throws Exception {
    pourAtConnector();
    pair.listen();
    var connector = pair.dial();
    var edge = QuicPair.take(pair.accepted);
    for (var i = 0; i < STALLED; i++) {
      pair.open(edge, "pour", new Stalled());
    }
    var all = (long) STALLED * Windows.STREAM_INITIAL_OCTETS;

    QuicPair.until(() -> connector.octetsOut() >= all);
    exchanges(edge, 20);

    assertThat(connector.octetsOut())
        .as("what the connector has sent, and the edge holds")
        .isLessThan(all + (STALLED + 20L) * PREAMBLE_OCTETS);
    assertThat(QuicPair.onLoop(connector, this::queuedAtConnector))
        .as("what the connector holds")
        .isBetween(
            (long) STALLED * Windows.WRITE_LOW_OCTETS,
            (long) STALLED * (Windows.WRITE_HIGH_OCTETS + Pourer.PIECE_OCTETS + 1024));
    QuicPair.until(() -> edge.openStreams() == STALLED); // the others end in their own time
  }

  /** With Netty's own allowance for each message. */
  private long queuedAtConnector() {
    return atConnector.stream()
        .mapToLong(channel -> channel.unsafe().outboundBuffer().totalPendingWriteBytes())
        .sum();
  }
}
