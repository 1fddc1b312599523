package io.vpc4j.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.vpc4j.core.net.EventLoops;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server socket over Netty's own server channel, beside what the JDK's does. */
@Timeout(60)
class ChannelServerSocketTest {

  private final EventLoops loops = EventLoops.open(EventLoops.best(), 1);
  private final List<Socket> sockets = new ArrayList<>();
  private Channel channel;
  private ServerSocket listening;

  @BeforeEach
  void begin() throws Exception {
    var queue = new AcceptQueue();
    channel =
        new ServerBootstrap()
            .group(loops.group())
            .channelFactory(loops.serverSocketChannels())
            .option(ChannelOption.AUTO_READ, false)
            .childHandler(queue.initializer())
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    listening = new ChannelServerSocket(channel, queue);
  }

  @AfterEach
  void end() throws IOException {
    for (var socket : sockets) {
      socket.close();
    }
    listening.close();
    loops.close();
  }

  private Socket call() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), listening.getLocalPort());
    sockets.add(socket);
    return socket;
  }

  private Socket accept() throws IOException {
    var socket = listening.accept();
    sockets.add(socket);
    return socket;
  }

  @Test
  void whatIsAcceptedIsASocket() throws Exception {
    var caller = call();
    var accepted = accept();

    caller.getOutputStream().write("hello".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    caller.shutdownOutput();
    assertThat(accepted.getInputStream().readAllBytes()).asString().isEqualTo("hello");
    accepted.getOutputStream().write(7);
    assertThat(caller.getInputStream().read()).isEqualTo(7);
    assertThat(accepted.getPort()).isEqualTo(caller.getLocalPort());
    assertThat(accepted.getLocalPort()).isEqualTo(listening.getLocalPort());
  }

  /** More than are asked for wait outside, and none is lost or had twice. */
  @Test
  void manyCallersAreAcceptedByManyThreads() throws Exception {
    var accepted = new ArrayList<CompletableFuture<Integer>>();
    for (var i = 0; i < 8; i++) {
      accepted.add(
          CompletableFuture.supplyAsync(
              () -> {
                try (var socket = listening.accept()) {
                  return socket.getInputStream().read();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              },
              task -> new Thread(task, "acceptor").start()));
    }
    for (var i = 0; i < 12; i++) {
      call().getOutputStream().write(i);
    }
    var seen = new ArrayList<Integer>();
    for (var each : accepted) {
      seen.add(each.get(30, TimeUnit.SECONDS));
    }
    for (var i = 0; i < 4; i++) {
      seen.add(accept().getInputStream().read());
    }
    assertThat(seen).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  }

  @Test
  void nobodyComesInTime() throws Exception {
    listening.setSoTimeout(5);

    assertThatThrownBy(() -> listening.accept()).isInstanceOf(SocketTimeoutException.class);
    assertThat(listening.getSoTimeout()).isEqualTo(5);
    listening.setSoTimeout(0);
    call();
    assertThat(accept().isConnected()).as("who comes later is not lost").isTrue();
  }

  @Test
  void closingWakesWhoWaits() throws Exception {
    var accepting = new CountDownLatch(1);
    var waiting =
        CompletableFuture.supplyAsync(
            () -> {
              accepting.countDown();
              try {
                return listening.accept();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    accepting.await();
    listening.close();

    assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseInstanceOf(SocketException.class)
        .hasRootCauseMessage("Socket closed");
    assertThat(listening.isClosed()).isTrue();
    assertThatThrownBy(() -> listening.accept()).hasMessage("Socket closed");
    assertThatThrownBy(() -> listening.setSoTimeout(1)).hasMessage("Socket is closed");
  }

  @Test
  void theChannelsEndIsTheSocketsEnd() throws Exception {
    channel.close().sync();

    assertThat(listening.isClosed()).isTrue();
    assertThatThrownBy(() -> listening.accept()).isInstanceOf(SocketException.class);
  }

  @Test
  void anInterruptEndsTheWaitAndStays() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> listening.accept()).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void theRestIsAsAServerExpects() throws Exception {
    assertThat(listening.isBound()).isTrue();
    assertThat(listening.getInetAddress()).isEqualTo(InetAddress.getLoopbackAddress());
    assertThat(listening.getLocalSocketAddress()).isEqualTo(channel.localAddress());
    assertThat(listening.getChannel()).isNull();
    assertThat(listening.toString()).contains("" + listening.getLocalPort());
    assertThatThrownBy(() -> listening.bind(null)).hasMessage("Already bound");
    assertThatThrownBy(() -> listening.setSoTimeout(-1))
        .isInstanceOf(IllegalArgumentException.class);
    listening.setReuseAddress(false);
    listening.setReceiveBufferSize(1_000);
    assertThatThrownBy(() -> listening.setReceiveBufferSize(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(listening.supportedOptions()).isEmpty();
    assertThatThrownBy(() -> listening.getOption(StandardSocketOptions.SO_RCVBUF))
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
