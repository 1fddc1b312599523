package io.vpc4j.tunnel.carrier.quic;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.DatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.CarrierDialer;
import io.vpc4j.tunnel.carrier.ConnectorCarrier;
import io.vpc4j.tunnel.carrier.ConnectorCarrierListener;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;

/** Dials an edge with QUIC; a UDP socket for each connection. [C] 1.3 */
public final class QuicDialer implements CarrierDialer {

  private final CarrierContext context;

  /** Dials on the loops of {@code context}. */
  public QuicDialer(CarrierContext context) {
    this.context = context;
  }

  @Override
  public Protocol protocol() {
    return Protocol.QUIC;
  }

  @Override
  public Future<ConnectorCarrier> dial(
      InetSocketAddress edge,
      Settings settings,
      ConnectorCarrierListener listener,
      long deadlineNs) {
    try {
      QuicSupport.require();
    } catch (IOException e) {
      return ImmediateEventExecutor.INSTANCE.newFailedFuture(e);
    }
    return dial(edge, settings, QuicTls.client(settings), listener, deadlineNs);
  }

  Future<ConnectorCarrier> dial(
      InetSocketAddress edge,
      Settings settings,
      QuicSslContext tls,
      ConnectorCarrierListener listener,
      long deadlineNs) {
    var loops = context.eventLoops();
    var loop = loops.group().next();
    Promise<ConnectorCarrier> promise = loop.newPromise();
    var batch = new BatchHandler();
    var bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(loops.datagramChannels())
            .handler(
                new ChannelInitializer<DatagramChannel>() {
                  @Override
                  protected void initChannel(DatagramChannel channel) {
                    var codec =
                        QuicParameters.apply(
                            new QuicClientCodecBuilder(), QuicParameters.STREAMS_OF_EDGE);
                    codec.sslEngineProvider(
                        quic -> tls.newEngine(quic.alloc(), settings.serverName(), edge.getPort()));
                    QuicParameters.initSocket(channel, loops.io() == EventLoops.Io.EPOLL);
                    channel.pipeline().addLast(batch, codec.build());
                  }
                });
    QuicParameters.applySocket(bootstrap, loops.io() == EventLoops.Io.EPOLL);
    var local = settings.localAddress().orElseGet(() -> anyOf(edge));
    bootstrap
        .bind(local)
        .addListener(
            (ChannelFuture bound) -> {
              if (bound.isSuccess()) {
                handshake(
                    bound.channel(),
                    batch,
                    edge,
                    settings.serverName(),
                    listener,
                    deadlineNs,
                    promise);
              } else {
                promise.tryFailure(bound.cause());
              }
            });
    return promise;
  }

  private static InetSocketAddress anyOf(InetSocketAddress edge) {
    return edge.getAddress() instanceof Inet6Address
        ? new InetSocketAddress("::", 0)
        : new InetSocketAddress("0.0.0.0", 0);
  }

  private void handshake(
      Channel socket,
      BatchHandler batch,
      InetSocketAddress edge,
      String serverName,
      ConnectorCarrierListener listener,
      long deadlineNs,
      Promise<ConnectorCarrier> promise) {
    var handler =
        new CarrierHandler(
            quic -> new QuicConnectorCarrier(quic, batch, context.ticker(), listener, promise),
            why -> promise.tryFailure(noHandshake(edge, serverName, why)));
    var connecting =
        QuicChannel.newBootstrap(socket)
            .handler(
                new ChannelInitializer<QuicChannel>() {
                  @Override
                  protected void initChannel(QuicChannel quic) {
                    quic.config().setAllocator(context.allocator());
                    quic.config().setConnectTimeoutMillis(0); // by our ticker, below
                    quic.pipeline().addLast(handler);
                    quic.closeFuture().addListener(closed -> socket.close());
                  }
                })
            .streamHandler(new StreamInitializer())
            .remoteAddress(edge)
            .connect();
    var deadline =
        new Deadline(
            socket.eventLoop(),
            context.ticker(),
            deadlineNs,
            () -> promise.tryFailure(new SocketTimeoutException("no handshake with " + edge)));
    promise.addListener(
        done -> {
          deadline.cancel();
          if (!done.isSuccess()) {
            socket.close(); // and with it the attempt, which cannot be cancelled itself
          }
        });
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            promise.tryFailure(noHandshake(edge, serverName, done.cause()));
          }
        });
  }

  private static IOException noHandshake(InetSocketAddress edge, String serverName, Throwable why) {
    var said = String.valueOf(why.getMessage());
    return new IOException(
        "no handshake with "
            + edge
            + ": "
            + (said.contains("CERTIFICATE_VERIFY_FAILED")
                ? "its certificate is not for " + serverName + ", or nobody trusted has signed it"
                : said),
        why);
  }
}
