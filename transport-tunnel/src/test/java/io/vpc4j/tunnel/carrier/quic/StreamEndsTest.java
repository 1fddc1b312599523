package io.vpc4j.tunnel.carrier.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import io.vpc4j.tunnel.carrier.ConnectorCarrier;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.carrier.Trailers;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StreamEndsTest {

  private static final int LARGE_OCTETS = 512 << 10;
  private static final int TOGETHER = 64;
  private static final int ANSWER_OCTETS = 10 << 10;

  private final QuicPair pair = new QuicPair();
  private final BlockingQueue<Channel> farChannels = new LinkedBlockingQueue<>();
  private final Recorder far = new Recorder();
  private final Recorder near = new Recorder();
  private ConnectorCarrier connector;
  private EdgeCarrier edge;

  @BeforeEach
  void begin() throws Exception {
    pair.listen();
    connector = pair.dial();
    edge = QuicPair.take(pair.accepted);
    pair.origin(
        "far",
        stream -> {
          stream.accept(ConnectResponse.connected(), far);
          farChannels.add(stream.channel());
        });
  }

  @AfterEach
  void end() throws Exception {
    QuicPair.until(() -> edge.openStreams() == 0 && connector.openStreams() == 0);
    pair.close();
  }

  private Channel open() throws Exception {
    return pair.open(edge, "far", near);
  }

  @Test
  void theConnectorsEndIsInactiveAfterAllThatCameBefore() throws Exception {
    open();
    var channel = QuicPair.take(farChannels);
    channel.write(QuicPair.octets("one "));
    channel.writeAndFlush(new LastOctets(QuicPair.octets("two")));

    near.awaitInactive();
    assertThat(near.text()).isEqualTo("one two");
    assertThat(near.events).containsExactly("active", "inactive");
    far.awaitInactive();
    assertThat(far.events).doesNotContain("exception");
  }

  @Test
  void anEndThatIsKnownLateIsAnEndAllTheSame() throws Exception {
    open();
    var channel = QuicPair.take(farChannels);
    channel.writeAndFlush(QuicPair.octets("all")).sync();
    near.awaitOctets(3);
    ((DuplexChannel) channel).shutdownOutput().sync();

    near.awaitInactive();
    assertThat(near.text()).isEqualTo("all");
    far.awaitInactive();
  }

  @Test
  void trailersEndTheOutputAndAreDropped() throws Exception {
    open();
    var channel = QuicPair.take(farChannels);
    channel.write(QuicPair.octets("body"));
    channel.writeAndFlush(new Trailers(List.of()));

    near.awaitInactive();
    assertThat(near.text()).isEqualTo("body");
  }

  @Test
  void theEdgesEndLeavesTheConnectorsOutputOpen() throws Exception {
    var channel = QuicPair.await(edge.exchange(ConnectRequest.tcp("far"), near));
    channel.writeAndFlush(new LastOctets(QuicPair.octets("request")));

    far.inputEnded.get(QuicPair.PATIENCE_S, TimeUnit.SECONDS);
    assertThat(far.text()).isEqualTo("request");
    QuicPair.take(farChannels).writeAndFlush(new LastOctets(QuicPair.octets("answer")));
    near.awaitInactive();
    assertThat(near.text()).isEqualTo("answer");
    assertThat(near.events).containsExactly("active", "answer ", "inactive");
    far.awaitInactive();
    assertThat(far.events).containsExactly("active", "input ended", "inactive");
  }

  @Test
  void nothingIsWrittenBehindTheEnd() throws Exception {
    var channel = QuicPair.await(edge.exchange(ConnectRequest.tcp("far"), near));
    channel.writeAndFlush(LastOctets.none()).sync();

    var refused = channel.writeAndFlush(QuicPair.octets("more")).await();

    assertThat(refused.cause()).isInstanceOf(ChannelOutputShutdownException.class);
    assertThat(((DuplexChannel) channel).isOutputShutdown()).isTrue();
    QuicPair.take(farChannels).close();
    near.awaitInactive();
  }

  @Test
  void closingDeliversWhatWasWritten() throws Exception {
    var channel = open();
    channel.writeAndFlush(QuicPair.zeros(LARGE_OCTETS));
    channel.close().sync();

    near.awaitInactive();
    far.inputEnded.get(QuicPair.PATIENCE_S, TimeUnit.SECONDS);
    assertThat(far.octets).hasValue(LARGE_OCTETS);
    assertThat(far.events).doesNotContain("exception");
    QuicPair.take(farChannels).close();
  }

  @Test
  void closingAtTheConnectorDeliversWhatWasWritten() throws Exception {
    open();
    var channel = QuicPair.take(farChannels);
    channel.writeAndFlush(QuicPair.zeros(LARGE_OCTETS));
    channel.close();

    near.awaitInactive();
    assertThat(near.octets).hasValue(LARGE_OCTETS);
    assertThat(near.events).containsExactly("active", "inactive");
  }

  /** More than the connection has room for at first: the library keeps some of it for a while. */
  @Test
  void answersThatEndTogetherAreAllWhole() throws Exception {
    var answers = new ArrayList<Recorder>();
    pair.origin(
        "each",
        stream -> {
          stream.accept(ConnectResponse.connected(), new Recorder());
          farChannels.add(stream.channel());
        });
    for (var i = 0; i < TOGETHER; i++) {
      answers.add(new Recorder());
      QuicPair.await(edge.exchange(ConnectRequest.tcp("each"), answers.get(i)))
          .writeAndFlush(LastOctets.none());
    }
    var channels = new ArrayList<Channel>();
    for (var i = 0; i < TOGETHER; i++) {
      channels.add(QuicPair.take(farChannels));
      channels
          .get(i)
          .pipeline()
          .get(Recorder.class)
          .inputEnded
          .get(QuicPair.PATIENCE_S, TimeUnit.SECONDS);
    }
    QuicPair.onLoop(
        connector,
        () -> {
          channels.forEach(
              channel -> channel.writeAndFlush(new LastOctets(QuicPair.zeros(ANSWER_OCTETS))));
          return 0L;
        });

    for (var answer : answers) {
      answer.awaitInactive();
      assertThat(answer.octets).hasValue(ANSWER_OCTETS);
      assertThat(answer.events).doesNotContain("exception");
    }
  }

  @Test
  void aResetOfTheOriginIsAnExceptionAndThenTheEnd() throws Exception {
    pair.origin(
        "torn",
        stream ->
            stream.accept(
                ConnectResponse.connected(),
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelRead(ChannelHandlerContext context, Object message) {
                    ((ByteBuf) message).release();
                    stream.reset();
                  }
                }));
    var channel = pair.open(edge, "torn", near);
    channel.writeAndFlush(QuicPair.octets("x"));

    near.awaitInactive();
    assertThat(near.events).containsExactly("active", "exception", "inactive");
    assertThat(near.failure.get())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }

  @Test
  void lingeringForNoTimeIsAReset() throws Exception {
    var channel = open();
    QuicPair.take(farChannels);
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    assertThat(channel.config().getOption(ChannelOption.SO_LINGER)).isZero();
    channel.close();

    far.awaitInactive();
    assertThat(far.events).containsExactly("active", "exception", "inactive");
  }

  @Test
  void aPeerThatReadsNoMoreFailsTheWritesAlone() throws Exception {
    var channel = open();
    var far = QuicPair.take(farChannels);
    // The library's own channel, so that STOP_SENDING comes without an end.
    var stream = ((CarriedStream) far).link().quic();
    QuicPair.onLoop(
        connector,
        () -> {
          stream.shutdownInput(0);
          return 0L;
        });

    QuicPair.until(
        () -> channel.writeAndFlush(QuicPair.octets("x")).awaitUninterruptibly().cause() != null);
    far.writeAndFlush(new LastOctets(QuicPair.octets("still")));
    near.awaitInactive();
    assertThat(near.text()).isEqualTo("still");
    assertThat(near.events).containsExactly("active", "inactive");
    far.close();
  }

  @Test
  void anAbandonedDownloadIsStopped() throws Exception {
    var channel = open();
    channel.config().setAutoRead(false);
    var far = QuicPair.take(farChannels);
    far.writeAndFlush(QuicPair.zeros(LARGE_OCTETS));

    channel.close();

    near.awaitInactive();
    QuicPair.until(() -> edge.openStreams() == 0);
    far.close();
  }

  /** The library forgets such a stream, and would keep what is written to it for ever. */
  @Test
  void anAnswerThatNobodyWaitsForAnyMoreHoldsUpNobody() throws Exception {
    var channel = QuicPair.await(edge.exchange(ConnectRequest.tcp("far"), near));
    channel.writeAndFlush(new LastOctets(QuicPair.octets("request")));
    far.inputEnded.get(QuicPair.PATIENCE_S, TimeUnit.SECONDS);
    var late = QuicPair.take(farChannels);

    channel.close().sync();
    QuicPair.until(() -> edge.openStreams() == 0); // and has told the connector
    for (var i = 0; i < 20; i++) { // a round trip for the reset, and its acknowledgement
      var other = new Recorder();
      var echo = pair.open(edge, "echo", other);
      echo.writeAndFlush(QuicPair.octets("others"));
      other.awaitOctets(6);
      echo.close();
    }
    late.writeAndFlush(QuicPair.octets("too late"));

    var other = new Recorder();
    pair.open(edge, "echo", other).writeAndFlush(new LastOctets(QuicPair.octets("others")));
    other.awaitOctets(6);
    QuicPair.until(
        () -> late.writeAndFlush(QuicPair.octets("x")).awaitUninterruptibly().cause() != null);
    late.close();
  }

  @Test
  void aRequestThatIsNotAnsweredEndsWithTheEdgesReset() throws Exception {
    var asked = new LinkedBlockingQueue<Channel>();
    pair.origin("silent", stream -> asked.add(stream.channel()));
    var open = edge.open(ConnectRequest.tcp("silent"), near, pair.soon());
    var channel = QuicPair.take(asked);
    assertThat(channel.isActive()).isFalse();

    open.cancel(false);

    QuicPair.until(() -> edge.openStreams() == 0);
    channel.close();
  }
}
