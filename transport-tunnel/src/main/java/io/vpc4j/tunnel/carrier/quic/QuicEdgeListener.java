package io.vpc4j.tunnel.carrier.quic;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.DatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.EdgeAcceptor;
import io.vpc4j.tunnel.carrier.EdgeListener;
import io.vpc4j.tunnel.carrier.ServerIdentity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A UDP socket that connectors dial with QUIC.
 *
 * <p>Holds at most {@link #MAX_CONNECTIONS}. When more than {@link #MAX_HANDSHAKES} are in their
 * handshake, or always if so told, who dials must first show that its address is its own.
 */
public final class QuicEdgeListener implements EdgeListener {

  private static final Logger LOG = LoggerFactory.getLogger(QuicEdgeListener.class);

  /** Connections at a time; who dials beyond that gets no answer. */
  public static final int MAX_CONNECTIONS = 4096;

  /** Unfinished handshakes above which addresses are validated. */
  public static final int MAX_HANDSHAKES = 64;

  /** When addresses are validated. */
  public enum AddressValidation {
    /** Above {@link #MAX_HANDSHAKES}. */
    UNDER_LOAD,
    /** For every connection: one round trip more. */
    ALWAYS
  }

  private final CarrierContext context;
  private final EdgeAcceptor acceptor;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger handshakes = new AtomicInteger();
  private final BatchHandler batch = new BatchHandler();
  private final Promise<Void> closed = ImmediateEventExecutor.INSTANCE.newPromise();

  private volatile QuicSslContext tls;
  private volatile boolean closing;
  private volatile Channel socket;

  @SuppressWarnings("NullAway.Init") // the socket, in bind
  private QuicEdgeListener(CarrierContext context, QuicSslContext tls, EdgeAcceptor acceptor) {
    this.context = context;
    this.tls = tls;
    this.acceptor = acceptor;
  }

  /** As the other, validating addresses under load. */
  public static Future<EdgeListener> bind(
      CarrierContext context,
      InetSocketAddress address,
      ServerIdentity identity,
      EdgeAcceptor acceptor) {
    return bind(context, address, identity, acceptor, AddressValidation.UNDER_LOAD);
  }

  /**
   * Binds the socket.
   *
   * @param address to listen on; port 0 for any free one
   * @param identity shown to who dials; its names are [C] 1.2's
   * @return fails with {@link IOException} where QUIC is not available, or the address is not
   */
  public static Future<EdgeListener> bind(
      CarrierContext context,
      InetSocketAddress address,
      ServerIdentity identity,
      EdgeAcceptor acceptor,
      AddressValidation validation) {
    try {
      QuicSupport.require();
      return bind(context, address, QuicTls.server(identity), acceptor, validation);
    } catch (IOException e) {
      return ImmediateEventExecutor.INSTANCE.newFailedFuture(e);
    }
  }

  static Future<EdgeListener> bind(
      CarrierContext context,
      InetSocketAddress address,
      QuicSslContext tls,
      EdgeAcceptor acceptor,
      AddressValidation validation) {
    var listener = new QuicEdgeListener(context, tls, acceptor);
    Promise<EdgeListener> bound = ImmediateEventExecutor.INSTANCE.newPromise();
    var loops = context.eventLoops();
    var bootstrap =
        new Bootstrap()
            .group(loops.group().next())
            .channelFactory(loops.datagramChannels())
            .handler(listener.new SocketInitializer(validation));
    QuicParameters.applySocket(bootstrap, loops.io() == EventLoops.Io.EPOLL);
    bootstrap
        .bind(address)
        .addListener(
            (ChannelFuture done) -> {
              if (done.isSuccess()) {
                listener.socket = done.channel();
                bound.trySuccess(listener);
              } else {
                bound.tryFailure(done.cause());
              }
            });
    return bound;
  }

  private final class SocketInitializer extends ChannelInitializer<DatagramChannel> {
    private final AddressValidation validation;

    SocketInitializer(AddressValidation validation) {
      this.validation = validation;
    }

    @Override
    protected void initChannel(DatagramChannel channel) {
      var codec =
          QuicParameters.apply(new QuicServerCodecBuilder(), QuicParameters.STREAMS_OF_CONNECTOR);
      codec
          .sslEngineProvider(QuicEdgeListener.this::engine)
          .tokenHandler(
              new AddressTokens(
                  context.ticker(),
                  () ->
                      validation == AddressValidation.ALWAYS || handshakes.get() > MAX_HANDSHAKES))
          .handler(new ConnectionInitializer())
          .streamHandler(new StreamInitializer());
      QuicParameters.initSocket(channel, context.eventLoops().io() == EventLoops.Io.EPOLL);
      channel.pipeline().addLast(batch, codec.build());
    }
  }

  /** For a connection that begins. */
  private QuicSslEngine engine(QuicChannel quic) {
    if (closing || connections.get() >= MAX_CONNECTIONS) {
      throw new IllegalStateException(closing ? "not listening" : "too many connections");
    }
    return tls.newEngine(quic.alloc());
  }

  private final class ConnectionInitializer extends ChannelInitializer<QuicChannel> {

    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    protected void initChannel(QuicChannel quic) {
      quic.config().setAllocator(context.allocator());
      connections.incrementAndGet();
      handshakes.incrementAndGet();
      var handler =
          new CarrierHandler(
              QuicEdgeListener.this::carrier,
              why ->
                  LOG.debug("a connector does not get through the handshake: {}", why.toString()));
      quic.pipeline().addLast(handler);
      quic.closeFuture()
          .addListener(
              done -> {
                if (!handler.active()) {
                  handshakes.decrementAndGet();
                }
                connections.decrementAndGet();
                closeIfUnused();
              });
    }
  }

  private QuicCarrier carrier(QuicChannel quic) {
    handshakes.decrementAndGet();
    return new QuicEdgeCarrier(quic, batch, context.ticker(), acceptor);
  }

  @Override
  public Protocol protocol() {
    return Protocol.QUIC;
  }

  @Override
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) socket.localAddress();
  }

  @Override
  public void present(ServerIdentity identity) {
    tls = QuicTls.server(identity);
  }

  /**
   * The socket stays for the connections that are there, and closes behind the last; with it ends a
   * handshake that is not done by then.
   */
  @Override
  public Future<Void> close() {
    closing = true;
    closeIfUnused();
    return closed;
  }

  private void closeIfUnused() {
    if (closing && connections.get() == handshakes.get()) {
      socket.close().addListener(done -> closed.trySuccess(null));
    }
  }
}
