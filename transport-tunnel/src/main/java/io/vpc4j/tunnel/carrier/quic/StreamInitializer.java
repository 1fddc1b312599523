package io.vpc4j.tunnel.carrier.quic;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.QuicStreamChannel;

/** Hands every stream that a peer opens to the {@link CarrierHandler} of its connection. */
@Sharable
final class StreamInitializer extends ChannelInitializer<QuicStreamChannel> {

  @Override
  protected void initChannel(QuicStreamChannel stream) {
    stream.parent().pipeline().get(CarrierHandler.class).incoming(stream);
  }
}
