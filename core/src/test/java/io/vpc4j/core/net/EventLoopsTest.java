package io.vpc4j.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DatagramPacket;
import io.vpc4j.core.net.EventLoops.Io;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a channel may still do after it waited for nothing. */
class EventLoopsTest {

  /** More than any socket's buffers hold, so that the writer has to wait for room. */
  private static final int LARGE_OCTETS = 32 << 20;

  static Stream<Io> mechanisms() {
    return EventLoops.best() == Io.EPOLL ? Stream.of(Io.NIO, Io.EPOLL) : Stream.of(Io.NIO);
  }

  @Test
  void hereIsTheLoopThatOneIsOnAndAnyOtherElsewhere() throws Exception {
    try (var loops = EventLoops.open(Io.NIO, 3);
        var others = EventLoops.open(Io.NIO, 1)) {
      for (var loop : loops.group()) {
        assertSame(loop, loop.submit(loops::here).get(20, TimeUnit.SECONDS));
      }
      var elsewhere = new HashSet<EventLoop>();
      for (var i = 0; i < 3; i++) {
        elsewhere.add(loops.here());
        elsewhere.add(others.group().next().submit(loops::here).get(20, TimeUnit.SECONDS));
      }
      var all = new HashSet<EventLoop>();
      loops.group().forEach(loop -> all.add((EventLoop) loop));
      assertEquals(all, elsewhere);
    }
  }

  @ParameterizedTest
  @MethodSource("mechanisms")
  void aSocketWhoseInputHasEndedWaitsForRoomToWrite(Io io) throws Exception {
    try (var loops = EventLoops.open(io, 1)) {
      var server =
          listen(
              loops,
              new Handler() {
                @Override
                public void userEventTriggered(ChannelHandlerContext context, Object event) {
                  if (event instanceof ChannelInputShutdownEvent) {
                    // Not now: the loop has yet to find that it waits for nothing.
                    context.executor().execute(() -> answer(context));
                  }
                }

                private void answer(ChannelHandlerContext context) {
                  context
                      .writeAndFlush(Unpooled.wrappedBuffer(new byte[LARGE_OCTETS]))
                      .addListener(ChannelFutureListener.CLOSE);
                }
              });

      try (var client = connect(server)) {
        client.shutdownOutput();
        assertEquals(LARGE_OCTETS, client.getInputStream().readAllBytes().length);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("mechanisms")
  void aSocketWhoseInputHasEndedMayBeReadAgain(Io io) throws Exception {
    try (var loops = EventLoops.open(io, 1)) {
      var server =
          listen(
              loops,
              new Handler() {
                @Override
                public void userEventTriggered(ChannelHandlerContext context, Object event) {
                  if (event instanceof ChannelInputShutdownEvent) {
                    // Not now: the loop has yet to find that it waits for nothing.
                    context.executor().execute(() -> answer(context));
                  }
                }

                private void answer(ChannelHandlerContext context) {
                  context.read();
                  context
                      .writeAndFlush(Unpooled.copiedBuffer("answer", StandardCharsets.US_ASCII))
                      .addListener(ChannelFutureListener.CLOSE);
                }
              });

      try (var client = connect(server)) {
        client.shutdownOutput();
        assertEquals(
            "answer",
            new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("mechanisms")
  void nothingIsReadUnasked(Io io) throws Exception {
    var accepted = new LinkedBlockingQueue<Channel>();
    var read = new LinkedBlockingQueue<String>();
    try (var loops = EventLoops.open(io, 1)) {
      var server =
          listen(
              loops,
              new Handler() {
                @Override
                public void handlerAdded(ChannelHandlerContext context) {
                  context.channel().config().setAutoRead(false);
                }

                @Override
                public void channelActive(ChannelHandlerContext context) {
                  accepted.add(context.channel());
                }

                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                  read.add(((ByteBuf) message).toString(StandardCharsets.US_ASCII));
                  ((ByteBuf) message).release();
                }

                @Override
                public void userEventTriggered(ChannelHandlerContext context, Object event) {
                  if (event instanceof ChannelInputShutdownEvent) {
                    read.add("its end");
                    context.close();
                  }
                }
              });

      try (var client = connect(server)) {
        client.getOutputStream().write("octets".getBytes(StandardCharsets.US_ASCII));
      }
      // The loop has looked at the first once it has accepted another that came later.
      connect(server).close();
      var first = accepted.poll(30, TimeUnit.SECONDS);
      accepted.poll(30, TimeUnit.SECONDS);
      first.eventLoop().submit(() -> {}).sync();
      assertTrue(read.isEmpty(), read::toString);

      first.config().setAutoRead(true);
      assertEquals("octets", read.poll(30, TimeUnit.SECONDS));
      assertEquals("its end", read.poll(30, TimeUnit.SECONDS));
    }
  }

  @ParameterizedTest
  @MethodSource("mechanisms")
  void aListenerAcceptsAfterAPause(Io io) throws Exception {
    try (var loops = EventLoops.open(io, 1)) {
      var server =
          listen(
              loops,
              new Handler() {
                @Override
                public void channelActive(ChannelHandlerContext context) {
                  context.close();
                }
              });
      pause(server);

      try (var client = connect(server)) {
        assertEquals(-1, client.getInputStream().read());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("mechanisms")
  void aDatagramChannelReceivesAfterAPause(Io io) throws Exception {
    var received = new CompletableFuture<String>();
    try (var loops = EventLoops.open(io, 1);
        var sender = new DatagramSocket()) {
      var receiver =
          new Bootstrap()
              .group(loops.group())
              .channelFactory(loops.datagramChannels())
              .handler(
                  new SimpleChannelInboundHandler<DatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, DatagramPacket in) {
                      received.complete(in.content().toString(StandardCharsets.US_ASCII));
                    }
                  })
              .bind(InetAddress.getLoopbackAddress(), 0)
              .sync()
              .channel();
      pause(receiver);

      var octets = "datagram".getBytes(StandardCharsets.US_ASCII);
      sender.send(new java.net.DatagramPacket(octets, octets.length, receiver.localAddress()));
      assertEquals("datagram", received.get(30, TimeUnit.SECONDS));
    }
  }

  /** Asked as long as there is something to read; what it leaves, the channel reads. */
  @Test
  void aReaderOfASocketIsAskedBeforeItsChannelReads() throws Exception {
    assumeTrue(EventLoops.best() == Io.EPOLL, "NOT RUN: a reader of a socket needs epoll");
    var asked = new AtomicInteger();
    var received = new CompletableFuture<Integer>();
    try (var loops = EventLoops.open(Io.EPOLL, 1);
        var sender = new DatagramSocket()) {
      var receiver =
          bind(
              loops,
              loops.datagramChannels(channel -> () -> asked.incrementAndGet() < 3),
              in -> received.complete(asked.get()));
      send(sender, receiver);

      assertEquals(3, received.get(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void aReaderIsNotAskedWhileItsChannelIsNotToRead() throws Exception {
    assumeTrue(EventLoops.best() == Io.EPOLL, "NOT RUN: a reader of a socket needs epoll");
    var asked = new AtomicInteger();
    var received = new LinkedBlockingQueue<String>();
    try (var loops = EventLoops.open(Io.EPOLL, 1);
        var sender = new DatagramSocket()) {
      var receiver =
          bind(
              loops,
              loops.datagramChannels(
                  channel ->
                      () -> {
                        asked.incrementAndGet();
                        return false;
                      }),
              in -> received.add(in.content().toString(StandardCharsets.US_ASCII)));
      receiver.config().setAutoRead(false);
      send(sender, receiver);
      receiver.eventLoop().submit(() -> {}).sync();
      receiver.eventLoop().submit(() -> {}).sync(); // the loop has looked at its sockets
      assertEquals(0, asked.get());

      receiver.read();
      assertEquals("datagram", received.poll(30, TimeUnit.SECONDS));
      assertEquals(0, asked.get());

      receiver.eventLoop().submit(() -> {}).sync(); // that read is over
      receiver.config().setAutoRead(true);
      send(sender, receiver);
      assertEquals("datagram", received.poll(30, TimeUnit.SECONDS));
      assertEquals(1, asked.get());
    }
  }

  @Test
  void whereAChannelReadsItselfThereIsNoOtherReader() {
    try (var loops = EventLoops.open(Io.NIO, 1)) {
      assertThrows(
          IllegalStateException.class, () -> loops.datagramChannels(channel -> () -> true));
    }
  }

  private static Channel bind(
      EventLoops loops,
      ChannelFactory<? extends Channel> channels,
      Consumer<DatagramPacket> receiver)
      throws Exception {
    return new Bootstrap()
        .group(loops.group())
        .channelFactory(channels)
        .handler(
            new SimpleChannelInboundHandler<DatagramPacket>() {
              @Override
              protected void channelRead0(ChannelHandlerContext context, DatagramPacket in) {
                receiver.accept(in);
              }
            })
        .bind(InetAddress.getLoopbackAddress(), 0)
        .sync()
        .channel();
  }

  private static void send(DatagramSocket sender, Channel receiver) throws IOException {
    var octets = "datagram".getBytes(StandardCharsets.US_ASCII);
    sender.send(new java.net.DatagramPacket(octets, octets.length, receiver.localAddress()));
  }

  private static void pause(Channel channel) throws Exception {
    channel.config().setAutoRead(false);
    channel.eventLoop().submit(() -> {}).sync(); // behind whatever the pause has planned
    channel.config().setAutoRead(true);
    channel.eventLoop().submit(() -> {}).sync();
  }

  private static Channel listen(EventLoops loops, ChannelHandler handler) throws Exception {
    return new ServerBootstrap()
        .group(loops.group())
        .channelFactory(loops.serverSocketChannels())
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childHandler(handler)
        .bind(InetAddress.getLoopbackAddress(), 0)
        .sync()
        .channel();
  }

  private static Socket connect(Channel server) throws IOException {
    var client = new Socket();
    client.setSoTimeout(30_000);
    client.connect((InetSocketAddress) server.localAddress(), 30_000);
    return client;
  }

  /** Closes what fails, so that the client sees it. */
  private abstract static class Handler extends ChannelInboundHandlerAdapter {
    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
