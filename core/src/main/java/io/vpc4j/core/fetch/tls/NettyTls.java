package io.vpc4j.core.fetch.tls;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.vpc4j.Request;
import io.vpc4j.VpcException;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.fetch.exchange.TlsLayer;
import io.vpc4j.core.net.IpAddress;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * {@link TlsLayer} on Netty's {@link SslHandler}: OpenSSL where it is installed, the JDK's engine
 * everywhere else.
 *
 * <p>Safe for use by many threads.
 */
public final class NettyTls implements TlsLayer {

  private final TlsContexts contexts;

  /** On the best engine there is. */
  public NettyTls() {
    this(TlsContexts.best());
  }

  NettyTls(SslProvider provider) {
    contexts = new TlsContexts(provider);
  }

  @Override
  public void handshake(
      Channel channel,
      String serverName,
      int port,
      TlsSettings settings,
      Request.@Nullable Http wish,
      Listener listener) {
    var host = unbracketed(serverName);
    SslHandler tls;
    try {
      var context = contexts.contextFor(settings, wish);
      // The peer's host and port key the session cache, and the host is what the name must match.
      var engine = context.newEngine(channel.alloc(), host, port);
      var parameters = engine.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm(
          settings.mode() == TlsSettings.Mode.VERIFY_FULL ? "HTTPS" : "");
      if (IpAddress.parse(host).isPresent()) {
        parameters.setServerNames(java.util.List.of()); // an address is no server name, RFC 6066 3
      }
      engine.setSSLParameters(parameters);
      tls = new SslHandler(engine);
    } catch (VpcException e) {
      listener.onFailure(e);
      channel.close();
      return;
    }
    tls.setHandshakeTimeoutMillis(0); // the engine keeps the time
    channel.pipeline().addLast(tls, new Watcher(tls, host, listener));
  }

  private static String unbracketed(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** Hears the end of the handshake, says so once, and leaves. */
  private static final class Watcher extends ChannelInboundHandlerAdapter {
    private final SslHandler tls;
    private final String host;
    private final Listener listener;
    private boolean told;

    Watcher(SslHandler tls, String host, Listener listener) {
      this.tls = tls;
      this.host = host;
      this.listener = listener;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
        context.fireUserEventTriggered(event);
        return;
      }
      if (told) {
        return;
      }
      told = true;
      if (handshake.isSuccess()) {
        var protocol = tls.applicationProtocol();
        listener.onSecured(protocol == null ? "" : protocol);
        context.pipeline().remove(this);
      } else {
        listener.onFailure(TlsFailures.of(handshake.cause(), host));
        context.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      fail(context, new ClosedChannelException());
      context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      fail(context, cause);
    }

    private void fail(ChannelHandlerContext context, Throwable cause) {
      if (!told) {
        told = true;
        listener.onFailure(TlsFailures.of(cause, host));
      }
      context.close();
    }
  }
}
