package io.vpc4j.core.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vpc4j.core.net.EventLoops;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same calls on a {@link ChannelSocket} and what a plain socket at the other end sees. */
@Timeout(30)
class ChannelSocketTest {

  private final EventLoops loops = EventLoops.open(EventLoops.Io.NIO, 1);
  private ServerSocket listener;
  private Socket peer;
  private ChannelSocket socket;

  @BeforeEach
  void connect() throws Exception {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    var channel =
        new Bootstrap()
            .group(loops.group())
            .channelFactory(loops.socketChannels())
            .option(ChannelOption.SO_SNDBUF, 16 * 1024)
            .handler(ChannelSocket.newHandler())
            .connect(listener.getLocalSocketAddress());
    peer = listener.accept();
    socket = new ChannelSocket("db.internal", 5432, channel.sync().channel());
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    peer.close();
    listener.close();
    loops.close();
  }

  @Test
  void octetsGoBothWays() throws IOException {
    socket.getOutputStream().write("ping".getBytes(UTF_8));
    assertThat(peer.getInputStream().readNBytes(4)).asString(UTF_8).isEqualTo("ping");

    peer.getOutputStream().write("pong".getBytes(UTF_8));
    assertThat(socket.getInputStream().readNBytes(4)).asString(UTF_8).isEqualTo("pong");
  }

  @Test
  void aWriterWaitsForASlowReaderAndNothingIsLost() throws Exception {
    var sent = new byte[8 * 1024 * 1024];
    new Random(7).nextBytes(sent);

    var writer =
        CompletableFuture.runAsync(
            () -> {
              try {
                socket.getOutputStream().write(sent);
                socket.shutdownOutput();
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });

    assertThat(peer.getInputStream().readAllBytes()).isEqualTo(sent);
    writer.get(30, TimeUnit.SECONDS);
  }

  @Test
  void whatThePeerSendsIsTakenOnlyAsItIsRead() throws Exception {
    var sent = new byte[4 * 1024 * 1024];
    new Random(8).nextBytes(sent);
    var writer =
        CompletableFuture.runAsync(
            () -> {
              try {
                peer.getOutputStream().write(sent);
                peer.shutdownOutput();
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });

    assertThat(socket.getInputStream().readNBytes(10)).startsWith(sent[0], sent[1]);
    assertThat(socket.getInputStream().available()).isLessThanOrEqualTo(5 * 256 * 1024);

    assertThat(socket.getInputStream().readAllBytes()).hasSize(sent.length - 10);
    writer.get(30, TimeUnit.SECONDS);
  }

  @Test
  void onceItIsReadTheChannelReadsOnWhileThereIsRoom() throws IOException {
    var channel = new EmbeddedChannel(ChannelSocket.newHandler());
    var quarter = new byte[ReadAhead.FIRST_OCTETS / 4];

    try (var ahead = new ChannelSocket("host.internal", 80, channel)) {
      var in = ahead.getInputStream();
      channel.writeInbound(Unpooled.wrappedBuffer(new byte[1]));
      assertThat(channel.config().isAutoRead()).as("before anybody reads").isFalse();
      in.read();

      for (var i = 0; i <= 3; i++) {
        assertThat(channel.config().isAutoRead()).as("with %d of 4 quarters", i).isTrue();
        channel.writeInbound(Unpooled.wrappedBuffer(quarter));
      }
      assertThat(channel.config().isAutoRead()).as("full").isFalse();
      assertThat(in.available()).isEqualTo(4 * quarter.length);

      in.readNBytes(2 * quarter.length);
      assertThat(channel.config().isAutoRead()).as("half full").isFalse();
      in.read();
      assertThat(channel.config().isAutoRead()).as("less than half full").isTrue();
    }
  }

  @Test
  void aWriterThatWaitsIsWokenByAClose() throws Exception {
    var output = socket.getOutputStream();
    var writer = inBackground(() -> output.write(new byte[64 * 1024 * 1024]));
    assertThat(peer.getInputStream().read()).isZero(); // it is under way

    socket.close();

    assertThatThrownBy(() -> writer.get(30, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(SocketException.class)
        .hasRootCauseMessage("Socket closed");
  }

  @Test
  void aWriterThatWaitsIsToldOfAReset() throws Exception {
    var output = socket.getOutputStream();
    var writer = inBackground(() -> output.write(new byte[64 * 1024 * 1024]));
    assertThat(peer.getInputStream().read()).isZero();

    peer.setSoLinger(true, 0);
    peer.close();

    assertThatThrownBy(() -> writer.get(30, TimeUnit.SECONDS))
        .cause()
        .hasCauseInstanceOf(SocketException.class);
  }

  /** What can fail. */
  private interface Action {
    void run() throws IOException;
  }

  private static CompletableFuture<Void> inBackground(Action action) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            action.run();
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  @Test
  void eitherSideMayEndItsOutputAndReadOn() throws IOException {
    socket.shutdownOutput();
    assertThat(peer.getInputStream().read()).isEqualTo(-1);

    peer.getOutputStream().write('x');
    peer.shutdownOutput();
    assertThat(socket.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("x");
    assertThatThrownBy(() -> socket.getOutputStream())
        .isInstanceOf(SocketException.class)
        .hasMessage("Socket output is shutdown");
  }

  @Test
  void aReadPastItsTimeOutSaysSoAndMayBeTriedAgain() throws IOException {
    socket.setSoTimeout(20);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessage("Read timed out");

    peer.getOutputStream().write('x');
    socket.setSoTimeout(10_000);
    assertThat(socket.getInputStream().read()).isEqualTo('x');
  }

  @Test
  void aResetIsNotAnEndOfStream() throws IOException {
    peer.setSoLinger(true, 0);
    peer.close();

    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }

  @Test
  void closingFromAnotherThreadWakesAReader() throws Exception {
    var input = socket.getInputStream();
    var reader =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return input.read();
              } catch (IOException e) {
                throw new java.util.concurrent.CompletionException(e);
              }
            });

    socket.close();

    assertThatThrownBy(() -> reader.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(SocketException.class);
    assertThat(socket.isClosed()).isTrue();
    assertThatThrownBy(() -> socket.getInputStream()).hasMessage("Socket is closed");
  }

  /** Netty takes a closed channel's handlers away, and that may be before the socket is made. */
  @Test
  void aPeerThatWasQuickerThanItsSocketIsStillHeard() throws IOException {
    var channel = new EmbeddedChannel(ChannelSocket.newHandler());
    channel.writeInbound(Unpooled.copiedBuffer("bye", UTF_8));
    channel.close();
    assertThat(channel.pipeline().first()).isNull();

    try (var quick = new ChannelSocket("host.internal", 80, channel)) {
      assertThat(quick.getInputStream().readAllBytes()).isEqualTo("bye".getBytes(UTF_8));
    }
  }

  @Test
  void aWriteToAPeerThatIsGoneFails() throws IOException {
    peer.setSoLinger(true, 0);
    peer.close();
    var octets = new byte[64 * 1024];

    assertThatThrownBy(
            () -> {
              for (var i = 0; i < 1_000; i++) {
                socket.getOutputStream().write(octets);
              }
            })
        .isInstanceOf(SocketException.class);
  }

  @Test
  void whatWasWrittenBeforeAClosePasses() throws IOException {
    var sent = new byte[32 * 1024];
    new Random(9).nextBytes(sent);
    socket.getOutputStream().write(sent);
    socket.close();

    assertThat(peer.getInputStream().readAllBytes()).isEqualTo(sent);
  }

  @Test
  void optionsReachTheChannelAndUnknownOnesDoNoHarm() throws IOException {
    socket.setTcpNoDelay(false);
    assertThat(socket.getTcpNoDelay()).isFalse();
    socket.setKeepAlive(true);
    assertThat(socket.getKeepAlive()).isTrue();
    socket.setPerformancePreferences(1, 2, 3);
    socket.setOOBInline(true);

    assertThat(socket.getRemoteSocketAddress()).hasToString("db.internal/<unresolved>:5432");
    assertThat(socket.getPort()).isEqualTo(5432);
    assertThat(socket.isConnected()).isTrue();
  }

  @Test
  void inputThatIsGivenUpEndsAndThePeerIsStillServed() throws IOException {
    socket.shutdownInput();
    assertThatThrownBy(() -> socket.getInputStream()).hasMessage("Socket input is shutdown");

    peer.getOutputStream().write(new byte[100_000]); // taken and dropped
    socket.getOutputStream().write('x');
    assertThat(peer.getInputStream().read()).isEqualTo('x');
  }
}
