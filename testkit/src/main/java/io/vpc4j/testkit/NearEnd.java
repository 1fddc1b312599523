package io.vpc4j.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The last handler of a channel under test: keeps what happens to it. */
final class NearEnd extends ChannelInboundHandlerAdapter {

  private static final int MAX_KEPT_OCTETS = 8 << 20; // beyond that, counted alone

  final List<String> events = new CopyOnWriteArrayList<>();
  final AtomicLong octets = new AtomicLong();
  final CompletableFuture<Void> inputEnded = new CompletableFuture<>();
  final CompletableFuture<Void> inactive = new CompletableFuture<>();
  volatile @Nullable String wrongThread;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

  private void saw(ChannelHandlerContext context, String event) {
    events.add(event);
    if (!context.channel().eventLoop().inEventLoop()) {
      wrongThread = event + " on " + Thread.currentThread().getName();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    events.add("added");
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    saw(context, "active");
    context.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var buffer = (ByteBuf) message;
    synchronized (kept) {
      if (kept.size() < MAX_KEPT_OCTETS) {
        kept.writeBytes(ByteBufUtil.getBytes(buffer));
      }
    }
    octets.addAndGet(buffer.readableBytes());
    buffer.release();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      saw(context, "input ended");
      inputEnded.complete(null);
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    saw(context, "exception");
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    saw(context, "inactive");
    inputEnded.complete(null);
    inactive.complete(null);
  }

  byte[] received() {
    synchronized (kept) {
      return kept.toByteArray();
    }
  }
}
