package io.vpc4j.core.fetch;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.vpc4j.ErrorCode;
import io.vpc4j.Limits;
import io.vpc4j.Request;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.HttpConnection;
import io.vpc4j.core.fetch.exchange.Protocols;
import io.vpc4j.core.fetch.exchange.TlsLayer;
import io.vpc4j.core.fetch.http1.Http1Connection;
import io.vpc4j.core.fetch.pool.Opener;
import io.vpc4j.core.fetch.pool.PoolKey;
import io.vpc4j.core.fetch.pool.Sweeper;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.StreamOptions;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.core.routing.Route;
import io.vpc4j.core.spi.Dial;
import io.vpc4j.core.spi.NextHop;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** From a route to an HTTP connection: a channel, TLS if the URL asks for it, and a codec. */
final class Dialer implements Opener {

  /**
   * What a dial works with.
   *
   * @param transports finds who carries a hop
   * @param eventLoops where dials run
   * @param sweeper keeps their time
   * @param ticker by this clock
   * @param blocking where a dial from an event loop may wait
   */
  record Tools(
      Transports transports,
      EventLoops eventLoops,
      Sweeper sweeper,
      Ticker ticker,
      Executor blocking) {

    /**
     * Runs {@code dial}, here or elsewhere: opening a transport waits for event loops, which one of
     * them must not.
     *
     * @param refused hears that there is no room elsewhere
     */
    void run(Runnable dial, NextHop hop, Consumer<VpcException> refused) {
      if (transports.isOpen(hop) || !isEventLoop()) {
        dial.run();
        return;
      }
      try {
        blocking.execute(dial);
      } catch (RejectedExecutionException e) {
        refused.accept(
            new VpcException(
                ErrorCode.CONNECTION_LIMIT_REACHED,
                Stage.CONNECT,
                "Too much waits for the transport to open.",
                e));
      }
    }

    private boolean isEventLoop() {
      for (var loop : eventLoops.group()) {
        if (loop.inEventLoop()) {
          return true;
        }
      }
      return false;
    }
  }

  private static final String EARLY = "early";

  private final Tools tools;
  private final Protocols protocols;
  private final Supplier<Limits> limits;

  Dialer(Tools tools, Protocols protocols, Supplier<Limits> limits) {
    this.tools = tools;
    this.protocols = protocols;
    this.limits = limits;
  }

  @Override
  public Opening open(PoolKey key, Route route, Opener.Listener listener) {
    var opening = new HttpDial(key, route, limits.get(), listener);
    tools.run(opening::begin, route.hop(), opening::onFailure);
    return opening;
  }

  /** Nothing is read before there is a handler to read it. */
  private static ChannelHandler httpChannel() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.config().setAutoRead(false);
        StreamOptions.set(channel.config());
        channel.pipeline().addLast(EARLY, new Early());
      }
    };
  }

  /** A reset before there is a handler to hear of it: that the channel has closed says enough. */
  private static final class Early extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  /** One connection in the making; from the channel on, confined to the channel's loop. */
  private final class HttpDial
      implements Opening, ChannelDial.Listener, TlsLayer.Listener, Sweeper.Timed {
    private final PoolKey key;
    private final Route route;
    private final Limits limits;
    private final Opener.Listener listener;
    private volatile @Nullable ChannelDial dial;
    private volatile @Nullable Channel channel;
    private volatile boolean cancelled;
    private volatile long dueNs = Long.MAX_VALUE;
    private HttpConnection.@Nullable Listener exchanges;
    private boolean over;

    HttpDial(PoolKey key, Route route, Limits limits, Opener.Listener listener) {
      this.key = key;
      this.route = route;
      this.limits = limits;
      this.listener = listener;
    }

    void begin() {
      if (cancelled) {
        return;
      }
      try {
        var transport = tools.transports().transportFor(route.hop());
        var dialling =
            new ChannelDial(
                tools.eventLoops().group().next(),
                Dial.Kind.STREAM,
                route,
                transport,
                tools,
                limits,
                Dialer::httpChannel,
                this);
        dial = dialling;
        dialling.begin();
        if (cancelled) {
          dialling.cancel(); // before it was there to be cancelled
        }
      } catch (VpcException e) {
        onFailure(e);
      } catch (RuntimeException e) {
        onFailure(ChannelDial.asVpcException(e, Stage.CONNECT));
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      tools.sweeper().remove(this);
      var dialling = dial;
      if (dialling != null) {
        dialling.cancel();
      }
      var made = channel;
      if (made != null) {
        made.close();
      }
    }

    @Override
    public void onFailure(VpcException why) {
      if (!over) {
        over = true;
        tools.sweeper().remove(this);
        var made = channel;
        if (made != null) {
          made.close();
        }
        listener.failed(why);
      }
    }

    @Override
    public void onChannel(Channel made, IpAddress address) {
      channel = made;
      if (cancelled) {
        made.close();
      } else {
        made.eventLoop()
            .execute(
                () -> {
                  try {
                    speak(made, address);
                  } catch (RuntimeException e) {
                    onFailure(ChannelDial.asVpcException(e, Stage.CONNECT));
                  }
                });
      }
    }

    private void speak(Channel made, IpAddress address) {
      if (made.pipeline().get(EARLY) != null) { // not if the channel has closed meanwhile
        made.pipeline().remove(EARLY);
      }
      exchanges = listener.opening(address, key.port(), route.policy());
      if (exchanges == null) {
        made.close();
      } else if (key.secure()) {
        dueNs = tools.ticker().nowNs() + limits.tlsTimeout().toNanos();
        tools.sweeper().add(this);
        made.config().setAutoRead(true);
        protocols.tls().handshake(made, key.serverName(), key.port(), key.tls(), key.wish(), this);
      } else {
        ready(made, key.wish() == Request.Http.HTTP_2);
      }
    }

    @Override
    public void onSecured(String protocol) {
      tools.sweeper().remove(this);
      var made = channel;
      if (made == null || over) {
        return;
      }
      if (key.wish() == Request.Http.HTTP_2 && !protocol.equals("h2")) {
        onFailure(
            new VpcException(
                ErrorCode.TLS_PROTOCOL_ERROR,
                Stage.TLS,
                "The destination does not speak HTTP/2, and the request asked for nothing else."));
      } else {
        ready(made, protocol.equals("h2"));
      }
    }

    private void ready(Channel made, boolean http2) {
      var listening = exchanges;
      if (listening == null || over) {
        return;
      }
      over = true;
      var connection =
          http2
              ? protocols.http2().open(made, listening, limits, tools.ticker())
              : Http1Connection.open(made, listening, limits, tools.ticker());
      if (!made.isActive()) {
        listening.onClosed(connection); // it closed before it had a handler to say so
      }
      listener.opened(connection);
      made.config().setAutoRead(true);
    }

    @Override
    public long dueNs() {
      return dueNs;
    }

    @Override
    public void onDue(long nowNs) {
      var made = channel;
      if (made != null) {
        made.eventLoop()
            .execute(
                () ->
                    onFailure(
                        new VpcException(
                            ErrorCode.TLS_PROTOCOL_ERROR,
                            Stage.TLS,
                            "The TLS handshake was not over within "
                                + limits.tlsTimeout().toMillis()
                                + " ms.")));
      }
    }
  }
}
