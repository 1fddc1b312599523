package io.vpc4j.core.fetch.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vpc4j.Headers;
import io.vpc4j.core.fetch.RawFrames;
import io.vpc4j.core.fetch.exchange.EarlyOctets;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * A WebSocket on a channel that a test drives: octets, time, failures. The listener is called on
 * the test's own thread, and every buffer is counted.
 */
final class EmbeddedSocket implements WebSocket.Listener {

  final List<String> heard = new ArrayList<>();
  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
  final EmbeddedChannel channel = new EmbeddedChannel(new Wire());
  final WebSocket socket;
  private final long demand;

  /** What {@code onClose} returns. */
  CompletionStage<?> closing;

  /** What {@code onText} returns. */
  CompletionStage<?> taken;

  boolean closedAtTheEnd;
  int reads;
  IOException writeFailure;
  boolean holdsWrites;

  EmbeddedSocket(long demand) {
    this(demand, Unpooled.EMPTY_BUFFER);
  }

  EmbeddedSocket(long demand, ByteBuf rest) {
    this.demand = demand;
    channel.config().setAutoRead(false).setAllocator(allocator);
    var handshake =
        new NettyWebSockets().begin(Headers.builder().add("Upgrade", "websocket").build());
    socket = handshake.open(EarlyOctets.keep(channel, rest), this, Runnable::run);
    channel.runPendingTasks();
  }

  /** The channel's end towards the network. */
  private final class Wire extends ChannelOutboundHandlerAdapter {
    @Override
    public void read(ChannelHandlerContext ctx) {
      reads++;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      if (writeFailure != null) {
        ((ByteBuf) message).release();
        promise.setFailure(writeFailure);
      } else if (holdsWrites) {
        ((ByteBuf) message).release(); // and is silent about it until the channel closes
        ctx.channel().closeFuture().addListener(closed -> promise.tryFailure(new IOException()));
      } else {
        ctx.write(message, promise);
      }
    }
  }

  void comes(byte[] octets) {
    comes(octets, 0, octets.length);
  }

  void comes(byte[] octets, int from, int to) {
    if (channel.isActive()) {
      channel
          .pipeline()
          .fireChannelRead(channel.alloc().buffer().writeBytes(octets, from, to - from))
          .fireChannelReadComplete();
      channel.runPendingTasks();
    }
  }

  void advance(long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  /** The next frame that was sent; null for none. */
  RawFrames.Frame sent() throws IOException {
    channel.runPendingTasks();
    ByteBuf octets = channel.readOutbound();
    if (octets == null) {
      return null;
    }
    try (var in = new ByteBufInputStream(octets, true)) {
      return RawFrames.read(in);
    }
  }

  /** Closes, and counts what is held: nothing may be. */
  long octetsLeft() throws IOException {
    channel.close();
    channel.runPendingTasks();
    while (sent() != null) {
      // released by being read
    }
    return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
  }

  // ---- the listener

  @Override
  public void onOpen(WebSocket webSocket) {
    heard.add("open");
    if (demand > 0) {
      webSocket.request(demand);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    heard.add("text " + data + (last ? "." : ""));
    return taken;
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
    heard.add("binary " + data + data.hashCode() + (last ? "." : ""));
    return null;
  }

  @Override
  public CompletionStage<?> onPing(WebSocket webSocket, ByteBuffer message) {
    heard.add("ping " + message.hashCode());
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
    heard.add("pong " + message.hashCode());
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    heard.add("close " + statusCode + " " + reason);
    closedAtTheEnd = webSocket.isInputClosed();
    return closing;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    heard.add("error " + error.getMessage());
    closedAtTheEnd = webSocket.isInputClosed() && webSocket.isOutputClosed();
  }
}
