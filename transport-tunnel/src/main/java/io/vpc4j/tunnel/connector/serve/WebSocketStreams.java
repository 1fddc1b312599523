package io.vpc4j.tunnel.connector.serve;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.connector.config.OriginOptions;
import io.vpc4j.tunnel.connector.config.Service;
import io.vpc4j.tunnel.stream.ConnectResponse;

/**
 * TCP in a WebSocket: the connector answers the handshake itself, and the payload of the frames is
 * the stream. What {@code tcp://}, {@code ssh://}, {@code rdp://} and {@code smb://} services are.
 * [C] 7.8
 */
public final class WebSocketStreams {

  /** The longest frame that is read. */
  private static final int MAX_FRAME_OCTETS = 1 << 20;

  private static final WebSocketDecoderConfig FRAMES =
      WebSocketDecoderConfig.newBuilder()
          .maxFramePayloadLength(MAX_FRAME_OCTETS)
          .expectMaskedFrames(true)
          .allowExtensions(false)
          .withUTF8Validator(false)
          .build();

  private final OriginDialer dialer;
  private final Counters counters;

  /** Dials with {@code dialer}. */
  public WebSocketStreams(OriginDialer dialer, Counters counters) {
    this.dialer = dialer;
    this.counters = counters;
  }

  /** Answers one request. Called on the stream's loop. */
  void serve(IncomingStream stream, Service.Stream service, OriginOptions options) {
    var answer = WebSocketHandshake.answer(stream.request());
    var loop = stream.channel().eventLoop();
    var dial = dialer.name(loop, service.host(), service.port(), options, TcpRequests.BARE);
    stream.channel().closeFuture().addListener(closed -> dial.cancel(false));
    dial.addListener(
        (Future<Channel> done) -> {
          if (done.isSuccess()) {
            accept(stream, done.getNow(), answer);
          } else {
            counters.requestErrors.increment();
            var why = DialFailure.describe(service.host() + ":" + service.port(), done.cause());
            stream.refuse(ConnectResponse.failed("Unable to reach the origin service. " + why));
          }
        });
  }

  private void accept(IncomingStream stream, Channel origin, ConnectResponse answer) {
    if (!stream.channel().isOpen()) {
      origin.close();
      return;
    }
    counters.response(101);
    var relay = new Relay(stream.channel(), origin, stream::reset);
    stream.channel().config().setAutoRead(false);
    stream
        .accept(
            answer,
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new WebSocket13FrameEncoder(false),
                        new WebSocket13FrameDecoder(FRAMES),
                        new Payload(),
                        relay.streamEnd());
              }
            })
        .addListener(
            answered -> {
              if (answered.isSuccess()) {
                origin.pipeline().addLast(relay.originEnd());
                relay.start();
              } else {
                origin.close();
              }
            });
  }

  /** Frames to octets, and back: data to what they carry, a close to the end of it. */
  private static final class Payload extends ChannelDuplexHandler {
    private boolean ended;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof PingWebSocketFrame ping) {
        ctx.writeAndFlush(new PongWebSocketFrame(ping.content()));
      } else if (message instanceof CloseWebSocketFrame close) {
        close.release();
        end(ctx);
      } else if (message instanceof WebSocketFrame frame
          && !(message instanceof PongWebSocketFrame)) {
        ctx.fireChannelRead(frame.content()); // text, binary and continuations alike
      } else {
        ReferenceCountUtil.release(message);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        end(ctx);
      } else {
        ctx.fireUserEventTriggered(event);
      }
    }

    private void end(ChannelHandlerContext ctx) {
      if (!ended) {
        ended = true;
        ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      if (message instanceof ByteBuf octets) {
        ctx.write(new BinaryWebSocketFrame(octets), promise);
      } else if (message instanceof LastOctets last) {
        last.release();
        ctx.write(new CloseWebSocketFrame(1000, ""), ctx.newPromise());
        ctx.write(LastOctets.none(), promise);
      } else {
        ctx.write(message, promise);
      }
    }
  }
}
