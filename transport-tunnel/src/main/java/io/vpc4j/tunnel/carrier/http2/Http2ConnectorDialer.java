package io.vpc4j.tunnel.carrier.http2;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.CarrierDialer;
import io.vpc4j.tunnel.carrier.ConnectorCarrier;
import io.vpc4j.tunnel.carrier.ConnectorCarrierListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * Dials an edge over TCP and TLS, for HTTP/2 with its roles turned round: no ALPN, and the edge
 * speaks first. [T] 1.2, 3.1
 *
 * <p>The codec is added once the handshake is done. Added to a channel that is still to be
 * connected it would write its SETTINGS, and with them the ClientHello, before there is a
 * connection to write to; both would be lost.
 */
public final class Http2ConnectorDialer implements CarrierDialer {

  /** The name in the certificate of every edge. [T] 1.2 */
  public static final String SERVER_NAME = "h2.cftunnel.com";

  private final CarrierContext context;

  /** Dials on that context's loops. */
  public Http2ConnectorDialer(CarrierContext context) {
    this.context = context;
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP2;
  }

  @Override
  public Future<ConnectorCarrier> dial(
      InetSocketAddress edge,
      Settings settings,
      ConnectorCarrierListener listener,
      long deadlineNs) {
    var loop = context.eventLoops().group().next();
    Promise<ConnectorCarrier> promise = loop.newPromise();
    SslContext tls;
    try {
      tls = tls(settings);
    } catch (SSLException e) {
      return promise.setFailure(e);
    }
    var leftMs = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNs - context.ticker().nowNs()));
    var bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(context.eventLoops().socketChannels())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.ALLOCATOR, context.allocator())
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(Integer.MAX_VALUE, leftMs))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    var handler =
                        tls.newHandler(channel.alloc(), settings.serverName(), edge.getPort());
                    handler.setHandshakeTimeoutMillis(leftMs);
                    channel.pipeline().addLast(handler, new AfterHandshake(listener, promise));
                  }
                });
    // The port is not kept: each connection is a new one of the operating system's choice.
    settings
        .localAddress()
        .ifPresent(local -> bootstrap.localAddress(new InetSocketAddress(local.getAddress(), 0)));
    var connecting = bootstrap.connect(edge);
    connecting.addListener(
        (ChannelFuture done) -> {
          if (!done.isSuccess()) {
            promise.tryFailure(asIoException(done.cause()));
          }
        });
    var expiry =
        loop.schedule(
            () -> promise.tryFailure(new IOException("no handshake in " + leftMs + " ms")),
            leftMs,
            TimeUnit.MILLISECONDS);
    promise.addListener(
        done -> {
          expiry.cancel(false);
          if (!done.isSuccess()) {
            connecting.cancel(false);
            connecting.channel().close();
          }
        });
    return promise;
  }

  private static SslContext tls(Settings settings) throws SSLException {
    var builder =
        SslContextBuilder.forClient()
            .protocols("TLSv1.3", "TLSv1.2")
            .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
    if (!settings.authorities().isEmpty()) {
      builder.trustManager(settings.authorities().toArray(X509Certificate[]::new));
    }
    return builder.build();
  }

  private static IOException asIoException(Throwable cause) {
    return cause instanceof IOException e ? e : new IOException(cause.getMessage(), cause);
  }

  /** Makes the connection a carrier once its handshake is done. */
  private final class AfterHandshake extends ChannelInboundHandlerAdapter {
    private final ConnectorCarrierListener listener;
    private final Promise<ConnectorCarrier> promise;

    AfterHandshake(ConnectorCarrierListener listener, Promise<ConnectorCarrier> promise) {
      this.listener = listener;
      this.promise = promise;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof SslHandshakeCompletionEvent done) {
        if (done.isSuccess()) {
          begin(ctx);
        } else {
          promise.tryFailure(asIoException(done.cause()));
          ctx.close();
        }
        return;
      }
      super.userEventTriggered(ctx, event);
    }

    private void begin(ChannelHandlerContext ctx) throws Http2Exception {
      if (!promise.setUncancellable()) {
        ctx.close();
        return;
      }
      var carrier = Http2ConnectorCarrier.begin(context, ctx, listener);
      ctx.pipeline().remove(this);
      promise.trySuccess(carrier);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      promise.tryFailure(asIoException(cause));
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
      promise.tryFailure(new IOException("the edge closed the connection in the handshake"));
      super.channelInactive(ctx);
    }
  }
}
