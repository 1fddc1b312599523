package io.vpc4j.tunnel.carrier.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.testkit.ManualTicker;
import io.vpc4j.tunnel.carrier.CarrierDialer;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.stream.ConnectRequest;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostilePeerTest {

  private final ManualTicker ticker = new ManualTicker();
  private final QuicPair pair = new QuicPair(EventLoops.open(EventLoops.best(), 2), ticker);

  @AfterEach
  void end() {
    pair.close();
  }

  /** The control stream is the first; nothing is said on it. */
  private static void control(RawClient client) throws Exception {
    client.stream(new Recorder(), Unpooled.copiedBuffer(new byte[] {0}));
  }

  private void answers(EdgeCarrier edge) throws Exception {
    var near = new Recorder();
    pair.open(edge, "echo", near).writeAndFlush(QuicPair.octets("alive"));
    near.awaitOctets(5);
  }

  private static ByteBuf hex(String hex) {
    return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
  }

  @Test
  void halfAPreambleAndSilenceIsResetAtTheDeadline() throws Exception {
    pair.listen();
    var client = RawClient.dial(pair);
    control(client);
    QuicPair.take(pair.controlsAtEdge);
    var near = new Recorder();
    client.stream(near, hex("52bb82"));
    client.stream(new Recorder(), hex("52bb825cdb65")); // behind the other: once it is there, so is
    QuicPair.take(pair.callsAtEdge);

    ticker.advance(Duration.ofNanos(QuicParameters.OPENING_NS));
    // The loop's own clock wakes the wait; what it then looks at is the ticker.
    var reset = near.failure.get(QuicPair.PATIENCE_S, TimeUnit.SECONDS);

    assertThat(reset).isInstanceOf(QuicStreamResetException.class);
    client.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"474554202f20", "52bb825cdb66", "0a36cd12a13f3031", "ffffffffffffffff"})
  void garbageIsResetWithCodeZeroAndTheConnectionLivesOn(String opening) throws Exception {
    pair.listen();
    var client = RawClient.dial(pair);
    control(client);
    var near = new Recorder();
    client.stream(near, hex(opening));

    var reset = near.failure.get(QuicPair.PATIENCE_S, TimeUnit.SECONDS);

    assertThat(reset)
        .isInstanceOfSatisfying(
            QuicStreamResetException.class,
            cause -> assertThat(cause.applicationProtocolCode()).isZero());
    client.stream(new Recorder(), hex("52bb825cdb65"));
    QuicPair.take(pair.callsAtEdge);
    client.close();
  }

  @Test
  void aConnectorAsksForNothing() throws Exception {
    pair.listen();
    var client = RawClient.dial(pair);
    control(client);
    var near = new Recorder();
    client.stream(near, Unpooled.wrappedBuffer(ConnectRequest.tcp("127.0.0.1:1").encode()));

    assertThat(near.failure.get(QuicPair.PATIENCE_S, TimeUnit.SECONDS))
        .isInstanceOf(QuicStreamResetException.class);
    client.close();
  }

  @Test
  void theStreamsThatAConnectorOpensAreBounded() throws Exception {
    pair.listen();
    var client = RawClient.dial(pair);
    for (var i = 0; i < QuicParameters.STREAMS_OF_CONNECTOR; i++) {
      client.stream(new Recorder(), hex("52bb"));
    }

    assertThatThrownBy(() -> client.stream(new Recorder(), hex("52bb")))
        .as("one more than the edge allows")
        .isInstanceOf(Exception.class);
    client.close();
  }

  @Test
  void whoDoesNotTrustTheEdgeDoesNotDialIt() throws Exception {
    pair.listen(
        QuicTls.server(QuicPair.identity(QuicPair.authority("CN=stranger"))),
        QuicEdgeListener.AddressValidation.UNDER_LOAD);

    assertThatThrownBy(pair::dial)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("its certificate is not for");
    assertThat(pair.accepted).isEmpty();
  }

  @Test
  void anEdgeOfAnotherNameIsNotTrusted() throws Exception {
    pair.listen();
    var other =
        new CarrierDialer.Settings(
            QuicPair.settings().authorities(), Optional.empty(), "other.cftunnel.com");

    var dial = pair.dialer().dial(pair.address(), other, pair.new ConnectorSide(), pair.soon());

    assertThatThrownBy(() -> QuicPair.await(dial))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("its certificate is not for");
    assertThat(pair.accepted).isEmpty();
  }

  @Test
  void anotherProtocolIsRefused() throws Exception {
    pair.listen();

    assertThatThrownBy(
            () ->
                RawClient.dial(
                    pair, QuicTls.client(QuicPair.settings(), new String[] {"h3"}, "P-256")))
        .isInstanceOf(Exception.class);
    assertThat(pair.accepted).isEmpty();
    pair.dial();
    answers(QuicPair.take(pair.accepted));
  }

  @ParameterizedTest
  @ValueSource(strings = {"P-256", "X25519MLKEM768", "P-384"})
  void anEdgeWithAnotherGroupThanTheFirstOfferedAsksAgain(String group) throws Exception {
    pair.listen(
        QuicTls.server(QuicPair.identity(), group), QuicEdgeListener.AddressValidation.UNDER_LOAD);

    pair.dial();
    answers(QuicPair.take(pair.accepted));
  }

  @Test
  void aConnectorOfTheOldGroupAloneIsServed() throws Exception {
    pair.listen();
    var client =
        RawClient.dial(
            pair, QuicTls.client(QuicPair.settings(), new String[] {QuicParameters.ALPN}, "P-256"));
    control(client);
    QuicPair.take(pair.controlsAtEdge);
    client.close();
  }

  @Test
  void addressesAreValidatedWhereThatIsWanted() throws Exception {
    pair.listen(QuicTls.server(QuicPair.identity()), QuicEdgeListener.AddressValidation.ALWAYS);

    pair.dial();
    answers(QuicPair.take(pair.accepted));
  }

  @Test
  void tokensOfOthersAndOldOnesAreNotTaken() {
    var tokens = new AddressTokens(ticker, () -> true);
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1234);
    var id = hex("0102030405060708");
    var token = Unpooled.buffer();
    assertThat(tokens.writeToken(token, id, address)).isTrue();

    assertThat(tokens.validateToken(token.slice(), address)).isEqualTo(40);
    assertThat(
            tokens.validateToken(token.slice(), new InetSocketAddress(address.getAddress(), 1235)))
        .isEqualTo(-1);
    assertThat(new AddressTokens(ticker, () -> true).validateToken(token.slice(), address))
        .isEqualTo(-1);
    assertThat(tokens.validateToken(token.slice(0, 39), address)).isEqualTo(-1);
    var changed = token.copy().setByte(41, 9);
    assertThat(tokens.validateToken(changed, address)).isEqualTo(-1);
    ticker.advance(Duration.ofSeconds(11));
    assertThat(tokens.validateToken(token.slice(), address)).isEqualTo(-1);
    assertThat(new AddressTokens(ticker, () -> false).writeToken(token, id, address)).isFalse();
  }

  @Test
  void noiseOnTheSocketHarmsNobody() throws Exception {
    pair.listen();
    pair.dial();
    var edge = QuicPair.take(pair.accepted);
    try (var socket = new DatagramSocket()) {
      for (var octets = 1; octets < 1_400; octets += 37) {
        var noise = new byte[octets];
        Arrays.fill(noise, (byte) (0xc0 | octets));
        socket.send(new DatagramPacket(noise, octets, pair.address()));
      }
    }
    answers(edge);
  }

  @Test
  void aDialThatNobodyAnswersEndsAtItsDeadline() throws Exception {
    try (var silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      var dial =
          pair.dialer()
              .dial(
                  new InetSocketAddress(silent.getLocalAddress(), silent.getLocalPort()),
                  QuicPair.settings(),
                  pair.new ConnectorSide(),
                  ticker.nowNs());

      assertThatThrownBy(() -> QuicPair.await(dial)).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void aTakenPortIsToldAndAListenerThatIsClosedTakesNobody() throws Exception {
    var listener = pair.listen();

    assertThatThrownBy(
            () ->
                QuicPair.await(
                    QuicEdgeListener.bind(
                        pair.context, pair.address(), QuicPair.identity(), pair.acceptor())))
        .isInstanceOf(IOException.class);

    pair.dial();
    var edge = QuicPair.take(pair.accepted);
    var closed = listener.close();
    answers(edge);
    assertThat(closed.isDone()).as("the socket stays for those who are there").isFalse();
    edge.close("done");
    QuicPair.await(closed);
  }
}
