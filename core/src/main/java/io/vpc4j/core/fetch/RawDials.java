package io.vpc4j.core.fetch;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.vpc4j.ErrorCode;
import io.vpc4j.Limits;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.Protocols;
import io.vpc4j.core.fetch.exchange.TlsLayer;
import io.vpc4j.core.fetch.pool.Sweeper;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.routing.Route;
import io.vpc4j.core.spi.Dial;
import io.vpc4j.core.spi.Transport;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Raw connections, for {@code connect}: dialled like any other, not pooled, with TLS if asked for.
 */
final class RawDials {

  /** Which of a name's addresses answered. */
  static final AttributeKey<IpAddress> DIALLED = AttributeKey.valueOf(RawDials.class, "DIALLED");

  /** Whether its transport can end one direction before the other. */
  static final AttributeKey<Boolean> HALF_CLOSES =
      AttributeKey.valueOf(RawDials.class, "HALF_CLOSES");

  private final Dialer.Tools tools;
  private final Protocols protocols;
  private final Supplier<Limits> limits;
  private final Set<RawDial> underWay = ConcurrentHashMap.newKeySet();

  RawDials(Dialer.Tools tools, Protocols protocols, Supplier<Limits> limits) {
    this.tools = tools;
    this.protocols = protocols;
    this.limits = limits;
  }

  Future<Channel> connect(
      Dial.Kind kind,
      Route route,
      @Nullable String tlsServerName,
      Duration timeout,
      Supplier<ChannelHandler> initializer) {
    var executor = tools.eventLoops().here();
    var raw = new RawDial(executor, kind, route, tlsServerName, timeout, initializer);
    underWay.add(raw);
    tools.sweeper().add(raw);
    tools.run(raw::begin, route.hop(), raw::onFailure);
    return raw;
  }

  Future<Channel> secure(
      Channel channel,
      Route route,
      String serverName,
      Duration timeout,
      Supplier<ChannelHandler> initializer) {
    var raw =
        new RawDial(channel.eventLoop(), Dial.Kind.STREAM, route, serverName, timeout, initializer);
    underWay.add(raw);
    tools.sweeper().add(raw);
    raw.begin(channel);
    return raw;
  }

  void close() {
    underWay.forEach(raw -> raw.cancel(true));
  }

  /** One connection in the making, which is also its future. */
  private final class RawDial extends DefaultPromise<Channel>
      implements ChannelDial.Listener, TlsLayer.Listener, Sweeper.Timed {
    private final Dial.Kind kind;
    private final Route route;
    private final @Nullable String tlsServerName;
    private final Duration timeout;
    private final Supplier<ChannelHandler> initializer;
    private final long startNs = tools.ticker().nowNs();
    private volatile @Nullable ChannelDial dial;
    private volatile @Nullable Channel channel;
    private volatile boolean halfCloses;
    private volatile boolean securing;

    RawDial(
        EventExecutor executor,
        Dial.Kind kind,
        Route route,
        @Nullable String tlsServerName,
        Duration timeout,
        Supplier<ChannelHandler> initializer) {
      super(executor);
      this.kind = kind;
      this.route = route;
      this.tlsServerName = tlsServerName;
      this.timeout = timeout;
      this.initializer = initializer;
    }

    void begin() {
      if (isDone()) {
        return; // cancelled meanwhile
      }
      try {
        var transport = tools.transports().transportFor(route.hop());
        if (kind == Dial.Kind.DATAGRAM
            && !transport.capabilities().contains(Transport.Capability.DATAGRAM)) {
          throw new VpcException(
              ErrorCode.DESTINATION_UNAVAILABLE,
              Stage.CONNECT,
              "The way to " + route.destination() + " carries no datagrams.");
        }
        halfCloses = transport.capabilities().contains(Transport.Capability.HALF_CLOSE);
        var dialling =
            new ChannelDial(
                executor(),
                kind,
                route,
                transport,
                tools,
                limits.get().toBuilder().connectTimeout(timeout).build(),
                tlsServerName == null ? initializer : RawDial::quiet,
                this);
        dial = dialling;
        dialling.begin();
        if (isCancelled()) {
          dialling.cancel(); // before it was there to be cancelled
        }
      } catch (VpcException e) {
        onFailure(e);
      } catch (RuntimeException e) {
        onFailure(ChannelDial.asVpcException(e, Stage.CONNECT));
      }
    }

    /** Begins with a connection that is there: only TLS is missing. */
    void begin(Channel made) {
      channel = made;
      startSecuring(made);
    }

    private static ChannelHandler quiet() {
      return new ChannelInitializer<>() {
        @Override
        protected void initChannel(Channel made) {
          made.config().setAutoRead(false);
        }
      };
    }

    @Override
    public void onChannel(Channel made, IpAddress address) {
      channel = made;
      made.attr(DIALLED).set(address);
      made.attr(HALF_CLOSES).set(halfCloses);
      if (tlsServerName == null) {
        finish(made);
      } else {
        startSecuring(made);
      }
    }

    private void startSecuring(Channel made) {
      var serverName = Objects.requireNonNull(tlsServerName);
      securing = true;
      if (made.eventLoop().inEventLoop()) {
        secure(made, serverName); // at once: nothing may be read in between
      } else {
        made.eventLoop().execute(() -> secure(made, serverName));
      }
    }

    private void secure(Channel made, String serverName) {
      made.config().setAutoRead(true);
      protocols.tls().handshake(made, serverName, route.port(), route.tls(), null, this);
    }

    @Override
    public void onSecured(String protocol) {
      var made = channel;
      if (made != null) {
        made.pipeline().addLast(initializer.get()); // auto-read is on, unless it turns it off
        finish(made);
      }
    }

    private void finish(Channel made) {
      over();
      if (!trySuccess(made)) {
        made.close();
      }
    }

    @Override
    public void onFailure(VpcException why) {
      over();
      var made = channel;
      if (made != null) {
        made.close();
      }
      tryFailure(
          why.at(
              route.destination(),
              route.hop().toString(),
              Duration.ofNanos(Math.max(1, tools.ticker().nowNs() - startNs))));
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      var cancelled = super.cancel(mayInterruptIfRunning);
      if (cancelled) {
        giveUp();
      }
      return cancelled;
    }

    private void giveUp() {
      over();
      var dialling = dial;
      if (dialling != null) {
        dialling.cancel();
      }
      var made = channel;
      if (made != null) {
        made.close();
      }
    }

    private void over() {
      underWay.remove(this);
      tools.sweeper().remove(this);
    }

    @Override
    public long dueNs() {
      return startNs + timeout.toNanos();
    }

    @Override
    public void onDue(long nowNs) {
      var dialling = dial;
      if (dialling != null) {
        dialling.cancel();
      }
      onFailure(
          securing
              ? new VpcException(
                  ErrorCode.TLS_PROTOCOL_ERROR,
                  Stage.TLS,
                  "The TLS handshake was not over within " + timeout.toMillis() + " ms.")
              : new VpcException(
                  ErrorCode.CONNECTION_TIMEOUT,
                  Stage.CONNECT,
                  "There was no connection within " + timeout.toMillis() + " ms."));
    }
  }
}
