package io.vpc4j.transport.loopback;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.directory.SimulatedNetwork.Target;
import io.vpc4j.core.net.EventLoops;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * Channels to what simulated ports lead to: ports and Unix sockets of this machine, and handlers in
 * this process.
 *
 * <p>A handler in the process is served by a listener on a port of 127.0.0.1 that the operating
 * system chooses, made when it is first dialled: so its connections have the back-pressure,
 * half-close and resets of real ones, which a pair of queues in memory would have to imitate.
 */
final class LocalTargets {

  private final EventLoops loops;
  private final ChannelGroup open;
  private final Map<Object, Future<Channel>> listeners = new ConcurrentHashMap<>();

  /**
   * Makes channels.
   *
   * @param open gets every channel and listener
   */
  LocalTargets(EventLoops loops, ChannelGroup open) {
    this.loops = loops;
    this.open = open;
  }

  /** Dials {@code target}; completes when it has accepted. */
  Future<Channel> connect(
      Target target,
      boolean badCertificate,
      EventLoop loop,
      ChannelHandler handler,
      int timeoutMs) {
    if (badCertificate) {
      var behind = new BadCertificate(target);
      return toListener(behind, behind::handler, loop, handler, timeoutMs);
    }
    if (target instanceof Target.Tcp tcp) {
      return dial(loops.socketChannels(), tcp.address(), loop, handler, timeoutMs);
    }
    if (target instanceof Target.Unix unix) {
      var address = loops.domainSocketAddress(unix.path());
      return dial(loops.domainSocketChannels(), address, loop, handler, timeoutMs);
    }
    var handlers = ((Target.InProcess) target).handlers();
    return toListener(handlers, handlers, loop, handler, timeoutMs);
  }

  private Future<Channel> dial(
      io.netty.channel.ChannelFactory<? extends Channel> factory,
      SocketAddress address,
      EventLoop loop,
      ChannelHandler handler,
      int timeoutMs) {
    Promise<Channel> connected = loop.newPromise();
    var bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(factory)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMs)
            .handler(handler);
    if (address instanceof InetSocketAddress) {
      bootstrap.option(ChannelOption.TCP_NODELAY, true);
    }
    var dialling = bootstrap.connect(address);
    open.add(dialling.channel());
    dialling.addListener(
        done -> {
          if (!done.isSuccess()) {
            connected.tryFailure(done.cause());
          } else if (!connected.trySuccess(dialling.channel())) {
            dialling.channel().close(); // given up meanwhile
          }
        });
    connected.addListener(
        done -> {
          if (!done.isSuccess()) {
            dialling.channel().close();
          }
        });
    return connected;
  }

  private Future<Channel> toListener(
      Object key,
      Supplier<ChannelHandler> handlers,
      EventLoop loop,
      ChannelHandler handler,
      int timeoutMs) {
    Promise<Channel> connected = loop.newPromise();
    listeners
        .computeIfAbsent(key, ignored -> listen(handlers))
        .addListener(
            (Future<Channel> listening) -> {
              if (!listening.isSuccess()) {
                listeners.remove(key, listening);
                connected.tryFailure(listening.cause());
                return;
              }
              var address = listening.getNow().localAddress();
              relay(dial(loops.socketChannels(), address, loop, handler, timeoutMs), connected);
            });
    return connected;
  }

  private static void relay(Future<Channel> dialled, Promise<Channel> connected) {
    dialled.addListener(
        (Future<Channel> done) -> {
          if (!done.isSuccess()) {
            connected.tryFailure(done.cause());
          } else if (!connected.trySuccess(done.getNow())) {
            done.getNow().close();
          }
        });
    connected.addListener(
        done -> {
          if (done.isCancelled()) {
            dialled.cancel(false);
          }
        });
  }

  private Future<Channel> listen(Supplier<ChannelHandler> handlers) {
    Promise<Channel> listening = loops.group().next().newPromise();
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops.group())
            .channelFactory(loops.serverSocketChannels())
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    open.add(channel);
                    channel.pipeline().addLast(handlers.get());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    open.add(bound.channel());
    bound.addListener(
        done -> {
          if (done.isSuccess()) {
            listening.setSuccess(bound.channel());
          } else {
            listening.setFailure(done.cause());
          }
        });
    return listening;
  }

  /** TLS in front of a target, with a certificate that nobody trusts; equal for equal targets. */
  private final class BadCertificate {
    private final Target target;

    BadCertificate(Target target) {
      this.target = target;
    }

    ChannelHandler handler() {
      return new ChannelInitializer<>() {
        @Override
        protected void initChannel(Channel client) throws SSLException, IOException {
          client.config().setAutoRead(true);
          client.pipeline().addLast(context().newHandler(client.alloc()), new ToTarget(target));
        }
      };
    }

    private static SslContext context() throws SSLException, IOException {
      try (var certificate = LocalTargets.class.getResourceAsStream("bad-certificate.pem");
          var key = LocalTargets.class.getResourceAsStream("bad-key.pem")) {
        if (certificate == null || key == null) {
          throw new IOException("the certificate is missing from this module");
        }
        return SslContextBuilder.forServer(certificate, key).build();
      }
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof BadCertificate bad && bad.target.equals(target);
    }

    @Override
    public int hashCode() {
      return target.hashCode();
    }
  }

  /** Once the client has accepted the certificate after all, leads on to the target. */
  private final class ToTarget extends ChannelInboundHandlerAdapter {
    private final Target target;

    ToTarget(Target target) {
      this.target = target;
    }

    @Override
    public void userEventTriggered(io.netty.channel.ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
        var client = context.channel();
        client.config().setAutoRead(false);
        var toClient =
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel onward) {
                onward.config().setAutoRead(false);
                onward.pipeline().addLast(new Relay(client));
              }
            };
        connect(target, false, client.eventLoop(), toClient, 10_000)
            .addListener(
                (Future<Channel> connected) -> {
                  if (connected.isSuccess()) {
                    client.pipeline().replace(this, "relay", new Relay(connected.getNow()));
                    client.read();
                    connected.getNow().read();
                  } else {
                    client.close();
                  }
                });
      }
      context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(io.netty.channel.ChannelHandlerContext context, Throwable cause) {
      context.close(); // a client that does not like the certificate ends the handshake so
    }
  }
}
