package io.vpc4j.tunnel.carrier.http2;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.EdgeAcceptor;
import io.vpc4j.tunnel.carrier.EdgeListener;
import io.vpc4j.tunnel.carrier.ServerIdentity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where connectors dial for HTTP/2: TLS, and no word of ALPN, which they do not offer ([T] 1.2).
 *
 * <p>A connector's ClientHello may have a key share for a group that the TLS library does not know;
 * the library then asks for P-256 with a HelloRetryRequest. RFC 8446 4.1.4
 *
 * <p>Whoever hangs up after the handshake, or within it, is no fault: connectors check their way
 * so. Handshakes that take longer than {@link #HANDSHAKE_MS}, and more than {@link #MAX_HANDSHAKES}
 * at once, are cut.
 */
public final class Http2EdgeListener implements EdgeListener {

  /** How long a handshake may take. */
  static final long HANDSHAKE_MS = TimeUnit.SECONDS.toMillis(10);

  /** Connections in their handshake at one time. */
  static final int MAX_HANDSHAKES = 1_024;

  private static final Logger LOG = LoggerFactory.getLogger(Http2EdgeListener.class);

  private final CarrierContext context;
  private final EdgeAcceptor acceptor;
  private final long handshakeMs;
  private final AtomicInteger handshakes = new AtomicInteger();
  private final Channel listening;
  private volatile SslContext tls;

  private Http2EdgeListener(
      CarrierContext context,
      InetSocketAddress address,
      SslContext tls,
      EdgeAcceptor acceptor,
      long handshakeMs,
      Promise<EdgeListener> bound) {
    this.context = context;
    this.acceptor = acceptor;
    this.handshakeMs = handshakeMs;
    this.tls = tls;
    var binding = bootstrap().bind(address);
    listening = binding.channel();
    binding.addListener((ChannelFuture done) -> onBound(done, address, bound));
  }

  /**
   * Listens.
   *
   * @return fails with {@link IOException} if the address cannot be had or the identity not used
   */
  public static Future<EdgeListener> bind(
      CarrierContext context,
      InetSocketAddress address,
      ServerIdentity identity,
      EdgeAcceptor acceptor) {
    return bind(context, address, identity, acceptor, HANDSHAKE_MS);
  }

  static Future<EdgeListener> bind(
      CarrierContext context,
      InetSocketAddress address,
      ServerIdentity identity,
      EdgeAcceptor acceptor,
      long handshakeMs) {
    Promise<EdgeListener> bound = ImmediateEventExecutor.INSTANCE.newPromise();
    try {
      new Http2EdgeListener(context, address, tls(identity), acceptor, handshakeMs, bound);
    } catch (SSLException e) {
      bound.setFailure(e);
    }
    return bound;
  }

  private void onBound(ChannelFuture done, InetSocketAddress address, Promise<EdgeListener> bound) {
    if (done.isSuccess()) {
      bound.setSuccess(this);
    } else {
      bound.setFailure(
          new IOException(
              "cannot listen on TCP " + address + ": " + done.cause().getMessage(), done.cause()));
    }
  }

  private static SslContext tls(ServerIdentity identity) throws SSLException {
    return SslContextBuilder.forServer(identity.key(), identity.chain())
        .protocols("TLSv1.3", "TLSv1.2")
        .build();
  }

  private ServerBootstrap bootstrap() {
    return new ServerBootstrap()
        .group(context.eventLoops().group())
        .channelFactory(context.eventLoops().serverSocketChannels())
        .option(ChannelOption.SO_BACKLOG, 256)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.ALLOCATOR, context.allocator())
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                admit(channel);
              }
            });
  }

  private void admit(Channel channel) {
    if (handshakes.incrementAndGet() > MAX_HANDSHAKES) {
      handshakes.decrementAndGet();
      LOG.warn("{} handshakes at once: {} is turned away", MAX_HANDSHAKES, channel.remoteAddress());
      channel.close();
      return;
    }
    var handler = tls.newHandler(channel.alloc());
    handler.setHandshakeTimeoutMillis(handshakeMs);
    handler.handshakeFuture().addListener(done -> handshakes.decrementAndGet());
    channel.pipeline().addLast(handler, new AfterHandshake());
  }

  /** Makes the connection a carrier once its handshake is done. */
  private final class AfterHandshake extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof SslHandshakeCompletionEvent done) {
        if (done.isSuccess()) {
          Http2EdgeCarrier.begin(context, ctx, acceptor);
          ctx.pipeline().remove(this);
        } else {
          LOG.debug("no handshake with {}", ctx.channel().remoteAddress(), done.cause());
          ctx.close();
        }
        return;
      }
      super.userEventTriggered(ctx, event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.debug("no handshake with {}", ctx.channel().remoteAddress(), cause);
      ctx.close();
    }
  }

  // ---- EdgeListener

  @Override
  public Protocol protocol() {
    return Protocol.HTTP2;
  }

  @Override
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) listening.localAddress();
  }

  @Override
  public void present(ServerIdentity identity) {
    try {
      tls = tls(identity);
    } catch (SSLException e) {
      throw new IllegalArgumentException("a certificate that cannot be shown", e);
    }
  }

  @Override
  public Future<Void> close() {
    return listening.close();
  }
}
