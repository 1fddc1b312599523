package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps what happens to a channel; of its octets the first, and how many there were. */
final class Recorder extends ChannelInboundHandlerAdapter {

  private static final int KEPT = 1 << 16;

  final List<String> events = new CopyOnWriteArrayList<>();
  final AtomicLong octets = new AtomicLong();
  final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  final CompletableFuture<Void> inactive = new CompletableFuture<>();
  final CompletableFuture<Void> inputEnded = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();

  @Override
  public void channelActive(ChannelHandlerContext context) {
    events.add("active");
    context.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ConnectResponse response) {
      events.add("answer " + response.error());
      return;
    }
    var buffer = (ByteBuf) message;
    synchronized (text) {
      if (text.length() < KEPT) {
        text.append(buffer.toString(StandardCharsets.ISO_8859_1));
      }
      octets.addAndGet(buffer.readableBytes());
      text.notifyAll();
    }
    buffer.release();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      events.add("input ended");
      inputEnded.complete(null);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    events.add("exception");
    failure.complete(cause);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    events.add("inactive");
    inactive.complete(null);
  }

  String text() {
    synchronized (text) {
      return text.toString();
    }
  }

  /** Waits until so many octets have come. */
  void awaitOctets(long wanted) throws InterruptedException {
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(QuicPair.PATIENCE_S);
    synchronized (text) {
      while (octets.get() < wanted) {
        var leftMs = TimeUnit.NANOSECONDS.toMillis(endNs - System.nanoTime());
        if (leftMs <= 0) {
          throw new AssertionError(octets + " octets of " + wanted + " came");
        }
        text.wait(leftMs);
      }
    }
  }

  void awaitInactive() throws Exception {
    inactive.get(QuicPair.PATIENCE_S, TimeUnit.SECONDS);
  }
}
