package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.ReadLimits;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.ConnectResponseDecoder;

/** Turns the first octets of a stream's channel into the connector's answer. [C] 4.3 */
final class AnswerDecoder extends ChannelInboundHandlerAdapter {

  private final ConnectResponseDecoder decoder = new ConnectResponseDecoder(ReadLimits.CONNECT);
  private boolean failed;

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var octets = (ByteBuf) message;
    if (failed) {
      octets.release();
      return;
    }
    ConnectResponse response;
    try {
      var buffer = octets.nioBuffer();
      response = decoder.poll(buffer);
      octets.skipBytes(octets.readableBytes() - buffer.remaining());
    } catch (Malformed e) {
      octets.release();
      fail(context, StreamFailure.lost("the answer cannot be read", e));
      context.close();
      return;
    }
    if (response == null) {
      octets.release();
      return;
    }
    context.fireChannelRead(response);
    if (octets.isReadable()) {
      context.fireChannelRead(octets);
    } else {
      octets.release();
    }
    context.pipeline().remove(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail(context, StreamFailure.lost("the stream ended before an answer", null));
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(context, StreamFailure.lost("the stream was lost before an answer", cause));
  }

  private void fail(ChannelHandlerContext context, StreamFailure failure) {
    if (!failed) {
      failed = true;
      context.fireExceptionCaught(failure);
    }
  }
}
