package io.vpc4j.tunnel.carrier.http2;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.ConnectorCarrier;
import io.vpc4j.tunnel.carrier.ConnectorCarrierListener;
import java.util.concurrent.TimeUnit;

/**
 * An edge's HTTP/2 connection, as the connector has it: the edge is the client and asks. [T] 3
 *
 * <p>Unlike the original it does not leave a lost edge to TCP: a PING goes out every {@link
 * #PING_EVERY_NS}, and once nothing at all has come for {@link #DEAD_AFTER_NS} the connection is
 * closed, so that another can be made.
 */
final class Http2ConnectorCarrier extends Http2Carrier implements ConnectorCarrier {

  static final long PING_EVERY_NS = TimeUnit.SECONDS.toNanos(5);
  static final long DEAD_AFTER_NS = TimeUnit.SECONDS.toNanos(15);

  /** Requests at one time; more are refused as ones that nothing was done about. */
  static final int MAX_STREAMS = 20_000;

  private final ConnectorCarrierListener listener;
  private boolean controlled;

  private Http2ConnectorCarrier(
      CarrierContext context, ChannelHandlerContext ctx, ConnectorCarrierListener listener) {
    super(context, ctx, Multiplexer.Role.SERVER, DEAD_AFTER_NS);
    this.listener = listener;
  }

  /** Makes a connection whose handshake is done a carrier. Called on its loop. */
  static Http2ConnectorCarrier begin(
      CarrierContext context, ChannelHandlerContext ctx, ConnectorCarrierListener listener)
      throws Http2Exception {
    var carrier = new Http2ConnectorCarrier(context, ctx, listener);
    carrier.join(ctx);
    carrier.begin(PING_EVERY_NS);
    return carrier;
  }

  // ---- requests

  @Override
  public void onRequest(MultiplexedStream stream, Http2Headers head, boolean end) {
    var kind = IncomingHead.kind(head);
    switch (kind) {
      case CONTROL -> onControl(stream);
      case CONFIGURATION -> {
        var request = new ConfigurationRequest(multiplexer(), stream.id(), listener);
        stream.begin(StreamChannel.AtPeersEnd.TELL, request);
      }
      default -> {
        if (openStreams() >= MAX_STREAMS) {
          stream.abandon(Http2Error.REFUSED_STREAM);
          return;
        }
        var incoming =
            new Http2IncomingStream(multiplexer(), stream, IncomingHead.read(kind, head, end));
        countUntilClosed(incoming.channel());
        listener.onRequest(incoming);
      }
    }
  }

  private void onControl(MultiplexedStream stream) {
    if (controlled) {
      stream.abandon(Http2Error.REFUSED_STREAM);
      return;
    }
    controlled = true;
    var head =
        new DefaultHttp2Headers().status("200").set("content-type", "application/octet-stream");
    multiplexer().writeHead(stream.id(), head, false);
    stream.begin(
        StreamChannel.AtPeersEnd.TELL,
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel control) {
            listener.onControlStream(Http2ConnectorCarrier.this, control);
          }
        });
  }

  @Override
  void closed(String why) {
    listener.onClosed(why);
  }
}
