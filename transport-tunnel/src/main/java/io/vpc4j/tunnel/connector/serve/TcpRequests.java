package io.vpc4j.tunnel.connector.serve;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.util.concurrent.Future;
import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.connector.config.WarpRouting;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TCP to the private network. The edge hears yes once the destination's handshake is done, and no
 * otherwise, with the words of [C] 7.7.
 */
public final class TcpRequests {

  /** Of the connection to a resolver. [C] 7.3 */
  private static final Duration RESOLVER_TIMEOUT = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(TcpRequests.class);

  private final OriginDialer dialer;
  private final Supplier<WarpRouting> routing;
  private final BiPredicate<Destination, WarpRouting> allowed;
  private final Supplier<InetSocketAddress> resolver;
  private final Flows flows;
  private final Counters counters;
  private final Tracer tracer;

  /**
   * Serves.
   *
   * @param routing asked anew for each stream
   * @param allowed whether a destination may be dialled
   * @param resolver where the virtual DNS service leads
   */
  public TcpRequests(
      OriginDialer dialer,
      Supplier<WarpRouting> routing,
      BiPredicate<Destination, WarpRouting> allowed,
      Supplier<InetSocketAddress> resolver,
      Flows flows,
      Counters counters,
      Tracer tracer) {
    this.tracer = tracer;
    this.dialer = dialer;
    this.routing = routing;
    this.allowed = allowed;
    this.resolver = resolver;
    this.flows = flows;
    this.counters = counters;
  }

  /** Answers one request. Called on the stream's loop. */
  void serve(IncomingStream stream) {
    var now = routing.get();
    Destination destination;
    try {
      destination = Destination.parse(stream.request().dest());
    } catch (IllegalArgumentException e) {
      refuse(stream, ConnectResponse.failed(String.valueOf(e.getMessage())));
      return;
    }
    if (destination.equals(Destination.VIRTUAL_DNS)) {
      counters.dnsOverTcp.increment();
      dial(stream, Destination.of(resolver.get()), RESOLVER_TIMEOUT, Duration.ZERO);
      return;
    }
    if (!allowed.test(destination, now)) {
      LOG.info("{} is denied by the connector's rules", destination);
      refuse(stream, ConnectResponse.failed(Destination.DENIED + destination));
      return;
    }
    dial(stream, destination, now.connectTimeout(), now.tcpKeepAlive());
  }

  private void dial(
      IncomingStream stream, Destination destination, Duration timeout, Duration keepAlive) {
    if (!flows.tryAcquire()) {
      refuse(
          stream,
          ConnectResponse.rateLimited(
              "failed to start tcp flow due to rate limiting: too many active flows"));
      return;
    }
    counters.tcpSessions.increment();
    counters.activeTcpSessions.incrementAndGet();
    var dial = dialer.address(stream.channel().eventLoop(), destination, timeout, keepAlive, BARE);
    var givenUp = new GivenUp(dial);
    var trace = tracer.of(stream.request());
    var span = trace.map(it -> it.begin("stream-connect"));
    stream.channel().closeFuture().addListener(givenUp);
    dial.addListener(
        (ChannelFuture done) -> {
          stream.channel().closeFuture().removeListener(givenUp);
          if (done.isSuccess()) {
            done.channel().closeFuture().addListener(closed -> release());
            span.ifPresent(it -> it.end(Map.of()));
            var yes = ConnectResponse.connected();
            accept(stream, trace.map(it -> it.on(yes)).orElse(yes), done.channel());
          } else {
            release();
            var reason = DialFailure.describe(destination.toString(), done.cause());
            refuse(
                stream,
                ConnectResponse.failed(
                    "unable to dial tcp to origin " + destination + ": " + reason));
          }
        });
  }

  private void release() {
    flows.release();
    counters.activeTcpSessions.decrementAndGet();
  }

  private void refuse(IncomingStream stream, ConnectResponse response) {
    counters.tcpErrors.increment();
    counters.requestErrors.increment();
    stream.refuse(response);
  }

  private static void accept(IncomingStream stream, ConnectResponse yes, Channel origin) {
    if (!stream.channel().isOpen()) {
      origin.close();
      return;
    }
    var relay = new Relay(stream.channel(), origin, stream::reset);
    stream.channel().config().setAutoRead(false);
    stream
        .accept(yes, relay.streamEnd())
        .addListener(
            answered -> {
              if (answered.isSuccess()) {
                origin.pipeline().addLast(relay.originEnd());
                relay.start();
              } else {
                origin.close();
              }
            });
  }

  /** The edge has let the stream go while the destination was dialled. */
  private record GivenUp(ChannelFuture dial)
      implements io.netty.util.concurrent.GenericFutureListener<Future<? super Void>> {
    @Override
    public void operationComplete(Future<? super Void> closed) {
      dial.cancel(false);
    }
  }

  /** A channel that nobody listens to yet. */
  static final ChannelHandler BARE =
      new ChannelInitializer<Channel>() {
        @Override
        protected void initChannel(Channel channel) {
          // the relay's handler is added once the stream is accepted
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
          ctx.close();
        }
      };
}
