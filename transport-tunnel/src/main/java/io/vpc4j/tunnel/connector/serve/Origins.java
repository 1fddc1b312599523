package io.vpc4j.tunnel.connector.serve;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.tunnel.connector.config.IngressRules.Rule;
import io.vpc4j.tunnel.connector.config.OriginOptions;
import io.vpc4j.tunnel.connector.config.OriginOptions.ServerName;
import io.vpc4j.tunnel.connector.config.Service;
import io.vpc4j.tunnel.connector.config.Service.Security;
import io.vpc4j.tunnel.connector.config.Service.UnixSocket;
import io.vpc4j.tunnel.connector.config.Service.Web;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connections to HTTP origins, kept for the next request where they can be: for each loop its own,
 * at most {@link OriginOptions#keepAliveConnections} for each origin, each for {@link
 * OriginOptions#keepAliveTimeout}.
 */
public final class Origins {

  /** An origin of which a connection can be used for any request. */
  private record Key(Service service, OriginOptions options, String serverName) {}

  /** Connections that nobody uses now. Confined to its loop. */
  private static final class Idle {
    final Map<Key, ArrayDeque<Channel>> byOrigin = new HashMap<>();
  }

  /** A connection, and whether it has carried a request before. */
  record Connection(Channel channel, boolean used) {}

  private final OriginDialer dialer;
  private final Offload offload;
  private final TlsClients tls = new TlsClients();
  private final Map<EventLoop, Idle> idle = new ConcurrentHashMap<>();

  /** Dials with {@code dialer}. */
  public Origins(OriginDialer dialer, Offload offload) {
    this.dialer = dialer;
    this.offload = offload;
  }

  /** A connection for one request, its last handler the HTTP codec. On {@code loop}. */
  Future<Connection> connect(EventLoop loop, Rule rule, String requestHost) {
    var key = key(rule, requestHost);
    var kept = idle(loop).byOrigin.get(key);
    while (kept != null && !kept.isEmpty()) {
      var channel = kept.pollLast();
      channel.pipeline().remove(Waiting.class);
      if (channel.isActive()) {
        return loop.newSucceededFuture(new Connection(channel, true));
      }
    }
    return dial(loop, rule, key);
  }

  /** A connection that was never used. On {@code loop}. */
  Future<Connection> connectAnew(EventLoop loop, Rule rule, String requestHost) {
    return dial(loop, rule, key(rule, requestHost));
  }

  /** Keeps a connection whose exchange is complete, or closes it. On its loop. */
  void release(Channel channel, Rule rule, String requestHost) {
    var options = rule.options();
    var key = key(rule, requestHost);
    var kept =
        idle(channel.eventLoop()).byOrigin.computeIfAbsent(key, origin -> new ArrayDeque<>());
    if (kept.size() >= options.keepAliveConnections()
        || options.keepAliveTimeout().isZero()
        || !channel.isActive()) {
      channel.close();
      return;
    }
    channel.pipeline().addLast(new Waiting(kept, options.keepAliveTimeout().toNanos()));
    kept.addLast(channel);
    channel.read(); // to notice its end
  }

  private Idle idle(EventLoop loop) {
    return idle.computeIfAbsent(loop, each -> new Idle());
  }

  private static Key key(Rule rule, String requestHost) {
    return new Key(rule.service(), rule.options(), serverName(rule, requestHost));
  }

  private static String serverName(Rule rule, String requestHost) {
    var options = rule.options();
    if (security(rule.service()) == Security.PLAIN) {
      return "";
    }
    if (options.serverName() == ServerName.REQUESTED && !requestHost.isEmpty()) {
      var colon = requestHost.lastIndexOf(':');
      return colon < 0 || requestHost.endsWith("]") ? requestHost : requestHost.substring(0, colon);
    }
    if (!options.originServerName().isEmpty()) {
      return options.originServerName();
    }
    return rule.service() instanceof Web web ? web.host() : "localhost";
  }

  private static Security security(Service service) {
    if (service instanceof Web web) {
      return web.security();
    }
    return service instanceof UnixSocket unix ? unix.security() : Security.PLAIN;
  }

  // ---- dialling

  private Future<Connection> dial(EventLoop loop, Rule rule, Key key) {
    Promise<Connection> promise = loop.newPromise();
    if (security(rule.service()) == Security.PLAIN) {
      dial(loop, rule, promise, new Plain());
      return promise;
    }
    var known = tls.known(rule.options());
    if (known.isPresent()) {
      dial(loop, rule, promise, new OverTls(promise, known.get(), key));
      return promise;
    }
    offload
        .call(loop, () -> tls.context(rule.options()))
        .addListener(
            (Future<SslContext> made) -> {
              if (made.isSuccess()) {
                dial(loop, rule, promise, new OverTls(promise, made.getNow(), key));
              } else {
                promise.tryFailure(made.cause());
              }
            });
    return promise;
  }

  private void dial(
      EventLoop loop,
      Rule rule,
      Promise<Connection> promise,
      ChannelInitializer<Channel> initializer) {
    if (rule.service() instanceof UnixSocket unix) {
      dialer
          .unix(loop, unix.path(), rule.options(), initializer)
          .addListener((ChannelFuture done) -> connected(done.channel(), done, promise));
    } else if (rule.service() instanceof Web web) {
      dialer
          .name(loop, web.host(), web.port(), rule.options(), initializer)
          .addListener(
              (Future<Channel> done) ->
                  connected(done.isSuccess() ? done.getNow() : null, done, promise));
    } else {
      promise.tryFailure(new IOException(rule.service() + " is no HTTP origin"));
    }
  }

  private static void connected(
      @Nullable Channel channel, Future<?> done, Promise<Connection> promise) {
    if (!done.isSuccess() || channel == null) {
      promise.tryFailure(done.cause() == null ? new IOException("no connection") : done.cause());
      return;
    }
    promise.addListener(
        result -> {
          if (!result.isSuccess()) {
            channel.close();
          }
        });
    if (channel.pipeline().get(AfterHandshake.class) == null) {
      promise.trySuccess(new Connection(channel, false));
    } else {
      channel.read(); // the handshake
    }
  }

  private static HttpClientCodec codec() {
    return new HttpClientCodec(8 << 10, 64 << 10, 64 << 10);
  }

  /** An origin in the clear. */
  private static final class Plain extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      channel.pipeline().addLast(codec());
    }
  }

  /** An origin over TLS. */
  private static final class OverTls extends ChannelInitializer<Channel> {
    private final Promise<Connection> promise;
    private final SslContext context;
    private final Key key;

    OverTls(Promise<Connection> promise, SslContext context, Key key) {
      this.promise = promise;
      this.context = context;
      this.key = key;
    }

    @Override
    protected void initChannel(Channel channel) {
      var port = key.service() instanceof Web web ? web.port() : 443;
      var handler = context.newHandler(channel.alloc(), key.serverName(), port);
      handler.setHandshakeTimeoutMillis(key.options().tlsTimeout().toMillis());
      channel.pipeline().addLast(handler, codec(), new AfterHandshake(promise));
    }
  }

  /** Completes the dial once the handshake is done. */
  private static final class AfterHandshake extends ChannelInboundHandlerAdapter {
    private final Promise<Connection> promise;

    AfterHandshake(Promise<Connection> promise) {
      this.promise = promise;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof SslHandshakeCompletionEvent done) {
        if (done.isSuccess()) {
          ctx.pipeline().remove(this);
          promise.trySuccess(new Connection(ctx.channel(), false));
        } else {
          promise.tryFailure(done.cause());
          ctx.close();
        }
      }
      super.userEventTriggered(ctx, event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      promise.tryFailure(cause);
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      promise.tryFailure(new IOException("the origin closed the connection in the handshake"));
    }
  }

  /** The last handler of a connection that nobody uses: anything that happens to it is its end. */
  private static final class Waiting extends ChannelInboundHandlerAdapter {
    private final ArrayDeque<Channel> kept;
    private final long timeoutNs;
    private @Nullable Future<?> expiry;

    Waiting(ArrayDeque<Channel> kept, long timeoutNs) {
      this.kept = kept;
      this.timeoutNs = timeoutNs;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      expiry = ctx.executor().schedule(() -> drop(ctx), timeoutNs, TimeUnit.NANOSECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
      if (expiry != null) {
        expiry.cancel(false);
      }
    }

    private void drop(ChannelHandlerContext ctx) {
      kept.remove(ctx.channel());
      ctx.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
      drop(ctx); // an answer to nothing
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        drop(ctx);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      drop(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      drop(ctx);
    }
  }
}
