package io.vpc4j.core.fetch.http2;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Settings;
import io.vpc4j.Limits;
import io.vpc4j.core.fetch.exchange.Http2Layer;
import io.vpc4j.core.fetch.exchange.HttpConnection;
import io.vpc4j.core.net.Ticker;

/**
 * {@link Http2Layer} on Netty's frame codec, without its multiplexer: a stream is no channel here.
 */
public final class NettyHttp2 implements Http2Layer {

  /** What we accept in one DATA frame: fewer, larger frames cost less. RFC 9113 4.2 */
  private static final int MAX_FRAME_OCTETS = 64 * 1024;

  /** The layer; it holds nothing. */
  public NettyHttp2() {}

  @Override
  public HttpConnection open(
      Channel channel, HttpConnection.Listener listener, Limits limits, Ticker ticker) {
    var connection = new Http2Connection(channel, listener, ticker);
    channel.pipeline().addLast(new Builder(connection, limits).build());
    connection.growConnectionWindow();
    return connection;
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2Handler, Builder> {

    private final Http2Connection owner;

    Builder(Http2Connection owner, Limits limits) {
      this.owner = owner;
      connection(new DefaultHttp2Connection(false));
      frameListener(owner);
      validateHeaders(true);
      initialSettings(
          Http2Settings.defaultSettings()
              .pushEnabled(false)
              .maxFrameSize(MAX_FRAME_OCTETS)
              .maxHeaderListSize(limits.maxHeaderOctets())
              .initialWindowSize(limits.readWindowOctets()));
      gracefulShutdownTimeoutMillis(0); // the pool drains; a close is a close
    }

    @Override
    public Http2Handler build() {
      return super.build();
    }

    @Override
    protected Http2Handler build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Http2Handler(owner, decoder, encoder, settings);
    }
  }
}
