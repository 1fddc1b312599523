package io.vpc4j.core.entrance;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connection to a target while HTTP is spoken on it. The last handler of its pipeline.
 *
 * <p>Hands everything to its {@link Listener} on the client's event loop, a read at a time: it
 * reads again only when it is asked to.
 */
final class Upstream extends ChannelInboundHandlerAdapter {

  /** Hears of a response, on the client's loop. */
  interface Listener {
    /** A part of a response; the listener's to release. */
    void onMessage(Upstream from, HttpObject message);

    /** Octets behind a switch of protocols; the listener's to release. */
    void onOctets(Upstream from, Object octets);

    /** That was all of one read. */
    void onReadComplete(Upstream from);

    /** It can take more. */
    void onWritable(Upstream from);

    /** It is over. */
    void onClosed(Upstream from);
  }

  private final EventLoop clientLoop;
  private final Listener listener;
  private final Responses decoder = new Responses();
  private final HttpRequestEncoder encoder = new HttpRequestEncoder();
  private volatile Channel channel;

  @SuppressWarnings("NullAway.Init") // the channel is there before anybody can ask for it
  private Upstream(EventLoop clientLoop, Listener listener) {
    this.clientLoop = clientLoop;
    this.listener = listener;
  }

  /** What is put into a channel that is being made. */
  static ChannelInitializer<Channel> initializer(EventLoop clientLoop, Listener listener) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel made) {
        made.config().setAutoRead(false);
        var upstream = new Upstream(clientLoop, listener);
        upstream.channel = made;
        made.pipeline().addLast(upstream.encoder, upstream.decoder, upstream);
      }
    };
  }

  /** The one that was put into {@code channel}; null if it has closed already. */
  static @org.jspecify.annotations.Nullable Upstream of(Channel channel) {
    return channel.pipeline().get(Upstream.class);
  }

  Channel channel() {
    return channel;
  }

  /** The method of the request about to be sent: what the response's body depends on. */
  void expect(HttpMethod method) {
    decoder.isHead = method.equals(HttpMethod.HEAD);
  }

  /** From HTTP to octets, both ways. What was read and not decoded goes to {@code client}. */
  void becomeRelay(Channel client, AtomicInteger ends) {
    channel
        .eventLoop()
        .execute(
            () -> {
              var pipeline = channel.pipeline();
              if (pipeline.context(this) == null) {
                client.close(); // it closed meanwhile
                return;
              }
              pipeline.addLast(new Relay(client, ends));
              pipeline.remove(encoder);
              pipeline.remove(this);
              pipeline.remove(decoder);
              channel.read();
            });
  }

  // ---- on this channel's loop

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    hand(
        message,
        () -> {
          if (message instanceof HttpObject part) {
            listener.onMessage(this, part);
          } else {
            listener.onOctets(this, message);
          }
        });
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    hand(null, () -> listener.onReadComplete(this));
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      hand(null, () -> listener.onWritable(this));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    hand(null, () -> listener.onClosed(this));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }

  private void hand(@org.jspecify.annotations.Nullable Object message, Runnable task) {
    try {
      clientLoop.execute(task);
    } catch (RejectedExecutionException e) {
      ReferenceCountUtil.release(message); // the loops are ending, and the client with them
      channel.close();
    }
  }

  /** A decoder that knows whether a response may have a body. */
  private static final class Responses extends HttpResponseDecoder {
    private volatile boolean isHead;

    Responses() {
      super(
          new HttpDecoderConfig()
              .setMaxInitialLineLength(HttpDoor.MAX_LINE_OCTETS)
              .setMaxHeaderSize(HttpDoor.MAX_HEADER_OCTETS));
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
      return isHead || super.isContentAlwaysEmpty(message);
    }
  }
}
