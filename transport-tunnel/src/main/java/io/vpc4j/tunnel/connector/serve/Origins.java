package io.vpc4j.tunnel.connector.serve;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.tunnel.connector.config.IngressRules.Rule;
import io.vpc4j.tunnel.connector.config.OriginOptions;
import io.vpc4j.tunnel.connector.config.OriginOptions.Http;
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
 * OriginOptions#keepAliveTimeout}. Over TLS an origin with {@link Http#TWO} is offered HTTP/2 and
 * HTTP/1.1, and chooses; a connection that speaks HTTP/2 carries many requests at one time.
 */
public final class Origins {

  /** An origin of which a connection can be used for any request. */
  record Origin(Service service, OriginOptions options, String serverName, Http http) {}

  /** Connections that nobody uses now, and those that are shared. Confined to its loop. */
  private static final class Kept {
    final Map<Origin, ArrayDeque<Channel>> idle = new HashMap<>();
    final Map<Origin, Http2Connections> shared = new HashMap<>();
  }

  /** A connection, and whether it has carried a request before. */
  record Connection(Channel channel, boolean used) {}

  private final OriginDialer dialer;
  private final Offload offload;
  private final TlsClients tls = new TlsClients();
  private final Map<EventLoop, Kept> kept = new ConcurrentHashMap<>();

  /** Dials with {@code dialer}. */
  public Origins(OriginDialer dialer, Offload offload) {
    this.dialer = dialer;
    this.offload = offload;
  }

  /**
   * The origin of a request.
   *
   * @param http what may be spoken to it at most; in the clear it is HTTP/1.1 all the same
   */
  static Origin origin(Rule rule, String requestHost, Http http) {
    var service = rule.service();
    return new Origin(
        service,
        rule.options(),
        serverName(rule, requestHost),
        security(service) == Security.PLAIN ? Http.ONE : http);
  }

  /** A connection for one request, its last handler the HTTP codec. On {@code loop}. */
  Future<Connection> connect(EventLoop loop, Origin origin) {
    var idle = kept(loop).idle.get(origin);
    while (idle != null && !idle.isEmpty()) {
      var channel = idle.pollLast();
      channel.pipeline().remove(Waiting.class);
      if (channel.isActive()) {
        return loop.newSucceededFuture(new Connection(channel, true));
      }
    }
    if (origin.http() == Http.TWO) {
      Promise<Connection> promise = loop.newPromise();
      shared(loop, origin).connect(() -> dial(loop, origin), promise);
      return promise;
    }
    return connectAnew(loop, origin);
  }

  /** A connection that was never used. On {@code loop}. */
  Future<Connection> connectAnew(EventLoop loop, Origin origin) {
    Promise<Connection> promise = loop.newPromise();
    if (origin.http() == Http.TWO) {
      shared(loop, origin).connectAnew(() -> dial(loop, origin), promise);
    } else {
      dial(loop, origin)
          .addListener(
              (Future<Channel> done) -> {
                if (done.isSuccess()) {
                  promise.trySuccess(new Connection(done.getNow(), false));
                } else {
                  promise.tryFailure(done.cause());
                }
              });
    }
    return promise;
  }

  /** Keeps a connection whose exchange is complete, or closes it. On its loop. */
  void release(Channel channel, Origin origin) {
    var options = origin.options();
    if (channel instanceof Http2StreamChannel) {
      channel.close(); // its connection stays
      return;
    }
    var idle = kept(channel.eventLoop()).idle.computeIfAbsent(origin, any -> new ArrayDeque<>());
    if (idle.size() >= options.keepAliveConnections()
        || options.keepAliveTimeout().isZero()
        || !channel.isActive()) {
      channel.close();
      return;
    }
    channel.pipeline().addLast(new Waiting(idle, options.keepAliveTimeout().toNanos()));
    idle.addLast(channel);
    channel.read(); // to notice its end
  }

  private Kept kept(EventLoop loop) {
    return kept.computeIfAbsent(loop, each -> new Kept());
  }

  private Http2Connections shared(EventLoop loop, Origin origin) {
    return kept(loop).shared.computeIfAbsent(origin, any -> new Http2Connections());
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

  private Future<Channel> dial(EventLoop loop, Origin origin) {
    Promise<Channel> promise = loop.newPromise();
    if (security(origin.service()) == Security.PLAIN) {
      dial(loop, origin, promise, new Plain());
      return promise;
    }
    var known = tls.known(origin.options(), origin.http());
    if (known.isPresent()) {
      dial(loop, origin, promise, new OverTls(promise, known.get(), origin));
      return promise;
    }
    offload
        .call(loop, () -> tls.context(origin.options(), origin.http()))
        .addListener(
            (Future<SslContext> made) -> {
              if (made.isSuccess()) {
                dial(loop, origin, promise, new OverTls(promise, made.getNow(), origin));
              } else {
                promise.tryFailure(made.cause());
              }
            });
    return promise;
  }

  private void dial(
      EventLoop loop,
      Origin origin,
      Promise<Channel> promise,
      ChannelInitializer<Channel> initializer) {
    if (origin.service() instanceof UnixSocket unix) {
      dialer
          .unix(loop, unix.path(), origin.options(), initializer)
          .addListener((ChannelFuture done) -> connected(done.channel(), done, promise));
    } else if (origin.service() instanceof Web web) {
      dialer
          .name(loop, web.host(), web.port(), origin.options(), initializer)
          .addListener(
              (Future<Channel> done) ->
                  connected(done.isSuccess() ? done.getNow() : null, done, promise));
    } else {
      promise.tryFailure(new IOException(origin.service() + " is no HTTP origin"));
    }
  }

  private static void connected(
      @Nullable Channel channel, Future<?> done, Promise<Channel> promise) {
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
      promise.trySuccess(channel);
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
    private final Promise<Channel> promise;
    private final SslContext context;
    private final Origin origin;

    OverTls(Promise<Channel> promise, SslContext context, Origin origin) {
      this.promise = promise;
      this.context = context;
      this.origin = origin;
    }

    @Override
    protected void initChannel(Channel channel) {
      var port = origin.service() instanceof Web web ? web.port() : 443;
      var handler = context.newHandler(channel.alloc(), origin.serverName(), port);
      handler.setHandshakeTimeoutMillis(origin.options().tlsTimeout().toMillis());
      channel.pipeline().addLast(handler, new AfterHandshake(promise, origin.options()));
    }
  }

  /** Completes the dial once the handshake is done, with what it chose to be spoken. */
  private static final class AfterHandshake extends ChannelInboundHandlerAdapter {
    private final Promise<Channel> promise;
    private final OriginOptions options;

    AfterHandshake(Promise<Channel> promise, OriginOptions options) {
      this.promise = promise;
      this.options = options;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof SslHandshakeCompletionEvent done) {
        if (!done.isSuccess()) {
          promise.tryFailure(done.cause());
          ctx.close();
        } else if (choseHttp2(ctx.channel())) {
          OriginHttp2.install(ctx.channel(), options, promise);
          ctx.pipeline().remove(this);
        } else {
          ctx.pipeline().addLast(codec());
          ctx.pipeline().remove(this);
          promise.trySuccess(ctx.channel());
        }
      }
      super.userEventTriggered(ctx, event);
    }

    private static boolean choseHttp2(Channel channel) {
      var chosen = channel.pipeline().get(SslHandler.class).applicationProtocol();
      return ApplicationProtocolNames.HTTP_2.equals(chosen);
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
