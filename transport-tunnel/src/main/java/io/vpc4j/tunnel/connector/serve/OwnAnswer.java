package io.vpc4j.tunnel.connector.serve;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.HeaderField;
import java.nio.charset.StandardCharsets;

/** An answer of the connector's own. The request's body is of no use to anyone. */
public final class OwnAnswer {

  private OwnAnswer() {}

  /**
   * Answers with a page, and ends the stream.
   *
   * @param type its media type
   */
  public static void page(IncomingStream stream, int status, String type, String text) {
    send(
        stream,
        OriginHeads.answer(status, new HeaderField("Content-Type", type)),
        Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Answers with a status alone, and ends the stream. */
  public static void status(IncomingStream stream, int status) {
    send(stream, OriginHeads.answer(status), Unpooled.EMPTY_BUFFER);
  }

  private static void send(IncomingStream stream, ConnectResponse response, ByteBuf body) {
    stream
        .accept(response, new Ignoring())
        .addListener(
            answered -> {
              if (answered.isSuccess()) {
                stream
                    .channel()
                    .writeAndFlush(new LastOctets(body))
                    .addListener(written -> stream.channel().close());
              } else {
                body.release();
              }
            });
  }

  /** Reads nothing in particular. */
  private static final class Ignoring extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
