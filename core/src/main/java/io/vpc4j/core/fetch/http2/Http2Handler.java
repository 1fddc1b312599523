package io.vpc4j.core.fetch.http2;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2Settings;
import org.jspecify.annotations.Nullable;

/** Netty's connection handler, with what it notices told to the {@link Http2Connection}. */
final class Http2Handler extends Http2ConnectionHandler {

  private final Http2Connection owner;

  Http2Handler(
      Http2Connection owner,
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings) {
    super(decoder, encoder, settings);
    this.owner = owner;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    owner.attach(this, ctx);
    super.handlerAdded(ctx);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    super.channelReadComplete(ctx); // flushes window updates
    owner.onReadComplete();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    owner.onInactive();
    super.channelInactive(ctx);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
    super.channelWritabilityChanged(ctx);
    owner.onWritabilityChanged();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    owner.onIoFailure(cause);
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
      ctx.close(); // and nobody behind this wants to hear of it
    } else {
      super.exceptionCaught(ctx, cause);
    }
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception http2Cause) {
    owner.onConnectionError(cause);
    super.onConnectionError(ctx, outbound, cause, http2Cause);
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext ctx, boolean outbound, Throwable cause, StreamException http2Cause) {
    owner.onStreamError(http2Cause);
    var id = http2Cause.streamId();
    if (!outbound
        && connection().stream(id) == null
        && connection().local().mayHaveCreatedStream(id)) {
      return; // a frame that crossed our reset is thrown away, not answered: RFC 9113 5.1
    }
    super.onStreamError(ctx, outbound, cause, http2Cause);
  }
}
