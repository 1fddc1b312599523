package io.vpc4j.tunnel.carrier.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.carrier.Carrier;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.Metadata;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuicCarrierTest {

  private final QuicPair pair = new QuicPair();

  @AfterEach
  void end() {
    pair.close();
  }

  @Test
  void aStreamIsOpenedAnsweredAndEchoed() throws Exception {
    var edge = pair.connect();
    var near = new Recorder();

    var channel = pair.open(edge, "echo", near);
    channel.writeAndFlush(QuicPair.octets("hello"));
    near.awaitOctets(5);

    assertThat(near.text()).isEqualTo("hello");
    assertThat(edge.openStreams()).isEqualTo(1);
    assertThat(edge.protocol()).isEqualTo(Protocol.QUIC);
    assertThat(edge.octetsOut()).isGreaterThan(5);
    assertThat(edge.octetsIn()).isGreaterThan(5);
    channel.close().sync();
    near.awaitInactive();
    assertThat(near.events).containsExactly("active", "inactive");
  }

  @Test
  void theAnswersMetadataIsGivenWithTheStream() throws Exception {
    var answer = new ConnectResponse("", List.of(new Metadata(Metadata.HTTP_STATUS, "204")));
    pair.origin("http://app/", stream -> stream.accept(answer, new Echo()));
    var edge = pair.connect();
    var request = new ConnectRequest(ConnectRequest.Type.HTTP, "http://app/", List.of());

    var open = QuicPair.await(edge.open(request, new Recorder(), pair.soon()));

    assertThat(open.response()).isEqualTo(answer);
  }

  @Test
  void aRefusalIsToldWithItsText() throws Exception {
    var edge = pair.connect();

    assertThatThrownBy(() -> pair.open(edge, "refuse", new Recorder()))
        .isInstanceOfSatisfying(
            StreamFailure.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(StreamFailure.Kind.REFUSED);
              assertThat(failure).hasMessage("connection refused");
            });
  }

  @Test
  void anOriginThatResetsBeforeItAnswersLosesTheStream() throws Exception {
    pair.origin("reset", stream -> stream.reset());
    var edge = pair.connect();

    assertThatThrownBy(() -> pair.open(edge, "reset", new Recorder()))
        .isInstanceOfSatisfying(
            StreamFailure.class,
            failure -> assertThat(failure.kind()).isEqualTo(StreamFailure.Kind.LOST));
  }

  @Test
  void aDeadlineEndsTheWaitAndTheStream() throws Exception {
    var edge = pair.connect();

    var open =
        edge.open(ConnectRequest.tcp("silent"), new Recorder(), pair.context.ticker().nowNs() + 1);

    assertThatThrownBy(() -> QuicPair.await(open))
        .isInstanceOfSatisfying(
            StreamFailure.class,
            failure -> assertThat(failure.kind()).isEqualTo(StreamFailure.Kind.TIMED_OUT));
    QuicPair.until(() -> edge.openStreams() == 0);
  }

  @Test
  void aCancelledOpenLeavesNothingBehind() throws Exception {
    var edge = pair.connect();
    var handler = new Recorder();

    var open = edge.open(ConnectRequest.tcp("silent"), handler, pair.soon());
    QuicPair.until(() -> edge.openStreams() == 1);
    assertThat(open.cancel(false)).isTrue();

    QuicPair.until(() -> edge.openStreams() == 0);
    assertThatThrownBy(() -> QuicPair.await(open)).isInstanceOf(CancellationException.class);
    assertThat(handler.events).isEmpty();
  }

  @Test
  void anExchangeReadsTheAnswerFirst() throws Exception {
    var edge = pair.connect();
    var near = new Recorder();

    var channel = QuicPair.await(edge.exchange(ConnectRequest.tcp("echo"), near));
    channel.writeAndFlush(QuicPair.octets("body"));
    near.awaitOctets(4);

    assertThat(near.events).containsExactly("active", "answer ");
    assertThat(near.text()).isEqualTo("body");
  }

  @Test
  void anExchangeThatIsNotAnsweredSaysSo() throws Exception {
    pair.origin("reset", stream -> stream.reset());
    var edge = pair.connect();
    var near = new Recorder();

    QuicPair.await(edge.exchange(ConnectRequest.tcp("reset"), near));

    near.awaitInactive();
    assertThat(near.events).containsExactly("active", "exception", "inactive");
    assertThat(near.failure.get()).isInstanceOf(StreamFailure.class);
  }

  @Test
  void theControlStreamCarriesBothWaysFromItsFirstOctet() throws Exception {
    pair.connect();
    var atConnector = QuicPair.take(pair.controlsAtConnector);
    atConnector.writeAndFlush(QuicPair.octets("register"));
    var atEdge = QuicPair.take(pair.controlsAtEdge);

    assertThat(QuicPair.read(atEdge, 8)).isEqualTo("register");
    atEdge.writeAndFlush(QuicPair.octets("welcome"));
    assertThat(QuicPair.read(atConnector, 7)).isEqualTo("welcome");
  }

  @Test
  void eitherEndOpensStreamsForCalls() throws Exception {
    pair.listen();
    var connector = pair.dial();
    var edge = QuicPair.take(pair.accepted);

    var toConnector = QuicPair.await(edge.openRpc(new ChannelInboundHandlerAdapter()));
    toConnector.writeAndFlush(QuicPair.octets("a call"));
    var toEdge = QuicPair.await(connector.openRpc(new ChannelInboundHandlerAdapter()));
    toEdge.writeAndFlush(QuicPair.octets("another"));

    assertThat(QuicPair.read(QuicPair.take(pair.callsAtConnector), 6)).isEqualTo("a call");
    assertThat(QuicPair.read(QuicPair.take(pair.callsAtEdge), 7)).isEqualTo("another");
    assertThat(edge.openStreams()).as("calls are no requests").isZero();
  }

  @Test
  void datagramsTravelBothWays() throws Exception {
    pair.listen();
    var connector = pair.dial();
    var edge = QuicPair.take(pair.accepted);

    assertThat(edge.carriesDatagrams()).isTrue();
    assertThat(edge.sendDatagram(QuicPair.octets("ping"))).isTrue();
    assertThat(QuicPair.take(pair.datagramsAtConnector)).isEqualTo("70696e67");
    assertThat(connector.sendDatagram(QuicPair.octets("pong"))).isTrue();
    assertThat(QuicPair.take(pair.datagramsAtEdge)).endsWith("706f6e67");
  }

  @Test
  void aDatagramThatIsTooLongIsDroppedAndCounted() throws Exception {
    var edge = pair.connect();

    assertThat(edge.sendDatagram(QuicPair.zeros(QuicParameters.MAX_SEND_OCTETS))).isFalse();
    assertThat(edge.sendDatagram(Unpooled.EMPTY_BUFFER)).isFalse();
    assertThat(((QuicCarrier) edge).droppedDatagrams()).isEqualTo(2);
  }

  @Test
  void theLargestPayloadOfASessionTravelsBothWaysOnceThePathIsKnown() throws Exception {
    pair.listen();
    var connector = pair.dial();
    var edge = QuicPair.take(pair.accepted);
    var octets = 1_280 + 17; // [T] 4.9

    QuicPair.until(() -> maxDatagramOctets(edge) >= octets);
    QuicPair.until(() -> maxDatagramOctets(connector) >= octets);

    assertThat(QuicPair.onLoop(edge, () -> edge.sendDatagram(QuicPair.zeros(octets)) ? 1L : 0L))
        .isEqualTo(1);
    assertThat(QuicPair.take(pair.datagramsAtConnector)).hasSize(2 * octets);
    assertThat(
            QuicPair.onLoop(
                connector, () -> connector.sendDatagram(QuicPair.zeros(octets)) ? 1L : 0L))
        .isEqualTo(1);
    assertThat(QuicPair.take(pair.datagramsAtEdge)).hasSize(2 * octets);
  }

  @Test
  void theLargestDatagramIsWhatIsSaidToTheOctet() throws Exception {
    pair.listen();
    pair.dial();
    var edge = (QuicCarrier) QuicPair.take(pair.accepted);
    QuicPair.until(() -> maxDatagramOctets(edge) > 1_300);
    var most = maxDatagramOctets(edge);

    var taken = QuicPair.onLoop(edge, () -> edge.sendDatagram(QuicPair.zeros(most)) ? 1L : 0L);
    var refused =
        QuicPair.onLoop(edge, () -> edge.sendDatagram(QuicPair.zeros(most + 1)) ? 1L : 0L);

    assertThat(taken).isEqualTo(1);
    assertThat(QuicPair.take(pair.datagramsAtConnector)).hasSize(2 * most);
    assertThat(refused).isZero();
    assertThat(edge.droppedDatagrams()).isEqualTo(1);
  }

  private static int maxDatagramOctets(Carrier carrier) {
    try {
      return (int) QuicPair.onLoop(carrier, () -> (long) carrier.maxDatagramOctets());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theQueueOfDatagramsIsBounded() throws Exception {
    var edge = pair.connect();

    var taken =
        QuicPair.onLoop(
            edge,
            () ->
                IntStream.range(0, 2 * QuicCarrier.MAX_QUEUED_DATAGRAMS)
                    .filter(i -> edge.sendDatagram(QuicPair.zeros(100)))
                    .count());

    assertThat(taken).isEqualTo(QuicCarrier.MAX_QUEUED_DATAGRAMS);
    assertThat(((QuicCarrier) edge).droppedDatagrams()).isEqualTo(QuicCarrier.MAX_QUEUED_DATAGRAMS);
  }

  @Test
  void closingTellsThePeerWhyAndEndsTheStreamsFirst() throws Exception {
    var edge = pair.connect();
    var near = new Recorder();
    pair.open(edge, "echo", near);

    edge.close("going home");

    near.awaitInactive();
    assertThat(near.events).containsExactly("active", "exception", "inactive");
    assertThat(QuicPair.await(edge.closeFuture())).isNull();
    assertThat(pair.closedAtEdge.get(QuicPair.PATIENCE_S, TimeUnit.SECONDS))
        .isEqualTo("going home");
    assertThat(pair.closedAtConnector.get(QuicPair.PATIENCE_S, TimeUnit.SECONDS))
        .isEqualTo("closed by the peer, code 0: going home");
    assertThat(edge.isOpen()).isFalse();
    assertThatThrownBy(() -> pair.open(edge, "echo", new Recorder()))
        .isInstanceOfSatisfying(
            StreamFailure.class,
            failure -> assertThat(failure.kind()).isEqualTo(StreamFailure.Kind.NOT_OPENED));
  }

  @Test
  void aSilentPeerIsGivenUp() throws Exception {
    var edge = (QuicCarrier) pair.connect();

    QuicPair.onLoop(
        edge,
        () -> {
          IntStream.rangeClosed(0, QuicCarrier.SILENT_TICKS).forEach(i -> edge.heard(-1));
          return 0L;
        });

    assertThat(pair.closedAtEdge.get(QuicPair.PATIENCE_S, TimeUnit.SECONDS))
        .startsWith("nothing was heard");
  }

  @Test
  void anIdleConnectionStaysBecauseTheConnectorIsHeardOf() throws Exception {
    pair.connect();

    assertThat(QuicPair.take(pair.datagramsAtEdge)).isEqualTo("01" + "00".repeat(16));
  }
}
