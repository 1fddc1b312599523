package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.Carrier;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.CarrierDialer;
import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.carrier.ConnectorCarrier;
import io.vpc4j.tunnel.carrier.ConnectorCarrierListener;
import io.vpc4j.tunnel.carrier.EdgeAcceptor;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.EdgeCarrierListener;
import io.vpc4j.tunnel.carrier.EdgeListener;
import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.carrier.ServerIdentity;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * An edge and a connector of ours on 127.0.0.1.
 *
 * <p>The connector answers a request by its destination: {@link #origin} says how.
 */
final class QuicPair implements AutoCloseable {

  static final int PATIENCE_S = 20;
  static final String SERVER_NAME = "quic.cftunnel.com";

  private static final X509Bundle AUTHORITY = authority("CN=tests");

  final EventLoops loops;
  final CarrierContext context;
  final BlockingQueue<EdgeCarrier> accepted = new LinkedBlockingQueue<>();
  final BlockingQueue<Channel> controlsAtEdge = new LinkedBlockingQueue<>();
  final BlockingQueue<Channel> controlsAtConnector = new LinkedBlockingQueue<>();
  final BlockingQueue<Channel> callsAtEdge = new LinkedBlockingQueue<>();
  final BlockingQueue<Channel> callsAtConnector = new LinkedBlockingQueue<>();
  final BlockingQueue<String> datagramsAtEdge = new LinkedBlockingQueue<>();
  final BlockingQueue<String> datagramsAtConnector = new LinkedBlockingQueue<>();
  final CompletableFuture<String> closedAtEdge = new CompletableFuture<>();
  final CompletableFuture<String> closedAtConnector = new CompletableFuture<>();
  private final Map<String, Consumer<IncomingStream>> origins = new ConcurrentHashMap<>();
  private final Collection<EdgeCarrier> carriers = new ConcurrentLinkedQueue<>();
  private EdgeListener listener;

  QuicPair() {
    this(EventLoops.open(EventLoops.best(), 2), Ticker.system());
  }

  QuicPair(EventLoops loops, Ticker ticker) {
    this.loops = loops;
    this.context = new CarrierContext(loops, PooledByteBufAllocator.DEFAULT, ticker);
    origin("echo", stream -> stream.accept(ConnectResponse.connected(), new Echo()));
    origin("refuse", stream -> stream.refuse(ConnectResponse.failed("connection refused")));
    origin("silent", stream -> {});
  }

  static X509Bundle authority(String name) {
    try {
      return new CertificateBuilder()
          .subject(name)
          .setIsCertificateAuthority(true)
          .buildSelfSigned();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static ServerIdentity identity() {
    return identity(AUTHORITY);
  }

  static ServerIdentity identity(X509Bundle authority) {
    try {
      var leaf =
          new CertificateBuilder()
              .subject("CN=edge")
              .addSanDnsName(SERVER_NAME)
              .addSanDnsName("h2.cftunnel.com")
              .addSanDnsName("probe.cftunnel.com")
              .buildIssuedBy(authority);
      return new ServerIdentity(
          leaf.getKeyPair().getPrivate(), Arrays.asList(leaf.getCertificatePath()));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static CarrierDialer.Settings settings() {
    return new CarrierDialer.Settings(
        List.of(AUTHORITY.getCertificate()), Optional.empty(), SERVER_NAME);
  }

  static String authorityPem() {
    return AUTHORITY.getCertificatePEM();
  }

  /** What becomes of a request for {@code destination}. */
  void origin(String destination, Consumer<IncomingStream> answer) {
    origins.put(destination, answer);
  }

  EdgeListener listen() throws Exception {
    return listen(QuicTls.server(identity()), QuicEdgeListener.AddressValidation.UNDER_LOAD);
  }

  EdgeListener listen(QuicSslContext tls, QuicEdgeListener.AddressValidation validation)
      throws Exception {
    var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    listener = await(QuicEdgeListener.bind(context, any, tls, acceptor(), validation));
    return listener;
  }

  EdgeAcceptor acceptor() {
    return carrier -> {
      carriers.add(carrier);
      accepted.add(carrier);
      return new EdgeSide();
    };
  }

  ConnectorCarrier dial() throws Exception {
    return await(dialer().dial(address(), settings(), new ConnectorSide(), soon()));
  }

  QuicDialer dialer() {
    return new QuicDialer(context);
  }

  InetSocketAddress address() {
    return listener.localAddress();
  }

  long soon() {
    return context.ticker().nowNs() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
  }

  /** Listens, dials, and gives the edge's end. */
  EdgeCarrier connect() throws Exception {
    listen();
    dial();
    return take(accepted);
  }

  Channel open(EdgeCarrier carrier, String destination, ChannelHandler handler) throws Exception {
    return await(carrier.open(ConnectRequest.tcp(destination), handler, soon())).channel();
  }

  static <T> T await(Future<T> future) throws Exception {
    if (!future.await(PATIENCE_S, TimeUnit.SECONDS)) {
      throw new AssertionError("not done within " + PATIENCE_S + " s");
    }
    if (!future.isSuccess()) {
      if (future.cause() instanceof Exception cause) {
        throw cause;
      }
      throw new AssertionError(future.cause());
    }
    return future.getNow();
  }

  static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    var taken = queue.poll(PATIENCE_S, TimeUnit.SECONDS);
    if (taken == null) {
      throw new AssertionError("nothing came within " + PATIENCE_S + " s");
    }
    return taken;
  }

  /** Waits until {@code condition} holds. */
  static void until(BooleanSupplier condition) {
    until(condition, () -> "it");
  }

  /** Waits until {@code condition} holds; {@code state} tells what there was instead. */
  static void until(BooleanSupplier condition, Supplier<String> state) {
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - endNs > 0) {
        throw new AssertionError(state.get() + " did not change within " + PATIENCE_S + " s");
      }
      Thread.onSpinWait();
      LockSupport.parkNanos(100_000);
    }
  }

  /** Computes {@code value} on the carrier's loop. */
  static long onLoop(Carrier carrier, Callable<Long> value) throws Exception {
    return await(carrier.eventLoop().submit(value));
  }

  /** Reads a channel that reads nothing by itself, with a {@link Recorder}. */
  static String read(Channel channel, int octets) throws InterruptedException {
    var recorder = channel.pipeline().get(Recorder.class);
    channel.config().setAutoRead(true);
    recorder.awaitOctets(octets);
    return recorder.text();
  }

  static ByteBuf octets(String text) {
    return ByteBufUtil.writeUtf8(PooledByteBufAllocator.DEFAULT, text);
  }

  @Override
  public void close() {
    for (var carrier : carriers) {
      carrier.close("the test is over");
    }
    if (listener != null) {
      listener.close().awaitUninterruptibly(PATIENCE_S, TimeUnit.SECONDS);
    }
    loops.close();
  }

  /** A handler made anew for each channel. */
  static ChannelHandler fresh(Supplier<ChannelHandler> handler) {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.pipeline().addLast(handler.get());
      }
    };
  }

  private final class EdgeSide implements EdgeCarrierListener {
    @Override
    public void onControlStream(Channel control) {
      still(control);
      controlsAtEdge.add(control);
    }

    @Override
    public void onRpcStream(Channel stream) {
      still(stream);
      callsAtEdge.add(stream);
    }

    @Override
    public void onDatagram(ByteBuf datagram) {
      datagramsAtEdge.add(ByteBufUtil.hexDump(datagram));
    }

    @Override
    public void onClosed(String reason) {
      closedAtEdge.complete(reason);
    }
  }

  /** A connector whose origins are {@link #origin}'s. */
  final class ConnectorSide implements ConnectorCarrierListener {
    @Override
    public void onControlStream(ConnectorCarrier carrier, Channel control) {
      still(control);
      controlsAtConnector.add(control);
    }

    @Override
    public void onRequest(IncomingStream stream) {
      var origin = origins.get(stream.request().dest());
      if (origin == null) {
        stream.refuse(ConnectResponse.failed("no such origin"));
      } else {
        origin.accept(stream);
      }
    }

    @Override
    public void onRpcStream(Channel stream) {
      still(stream);
      callsAtConnector.add(stream);
    }

    @Override
    public void onConfiguration(int version, byte[] json, Consumer<ConfigurationOutcome> answer) {
      throw new AssertionError("not over QUIC");
    }

    @Override
    public void onDatagram(ByteBuf datagram) {
      datagramsAtConnector.add(ByteBufUtil.hexDump(datagram));
    }

    @Override
    public void onClosed(String reason) {
      closedAtConnector.complete(reason);
    }
  }

  /** Reads nothing unless told to, and says nothing at the end. */
  private static void still(Channel channel) {
    channel.config().setAutoRead(false);
    channel.pipeline().addLast(new Recorder());
  }

  static ByteBuf zeros(int octets) {
    return Unpooled.directBuffer(octets).writeZero(octets);
  }
}
