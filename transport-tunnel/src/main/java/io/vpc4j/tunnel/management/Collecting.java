package io.vpc4j.tunnel.management;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** The answer to one GET, whole. Confined to its stream's loop. */
final class Collecting extends ChannelInboundHandlerAdapter {

  /** The longest body that is taken. */
  static final int MAX_OCTETS = 8 << 20;

  private final String path;
  private final CompletableFuture<String> body;
  private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
  private boolean answered;

  Collecting(String path, CompletableFuture<String> body) {
    this.path = path;
    this.body = body;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(LastOctets.none()); // a GET has no body
    ctx.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof ConnectResponse response) {
        onHead(response);
      } else if (message instanceof ByteBuf part) {
        if (octets.size() + part.readableBytes() > MAX_OCTETS) {
          fail("the answer has more than " + MAX_OCTETS + " octets");
        } else {
          octets.writeBytes(ByteBufUtil.getBytes(part));
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void onHead(ConnectResponse response) {
    answered = true;
    var status = response.httpStatus().orElse(0);
    if (!response.isOk()) {
      fail("the connector refused: " + response.error());
    } else if (status != 200) {
      fail("was answered with " + status);
    }
  }

  private void fail(String why) {
    body.completeExceptionally(new IOException(path + ": " + why));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    body.completeExceptionally(new IOException(path + ": " + cause.getMessage(), cause));
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (answered) {
      body.complete(octets.toString(StandardCharsets.UTF_8)); // unless it failed before
    } else {
      fail("no answer");
    }
  }
}
