package io.vpc4j.benchmarks.peers;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.netty.BindingChannels;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * By a Netty channel with nothing above it, given octets and taking them on its own event loop: of
 * the kind that the simulated network makes, of the JDK's, or of a binding's factory.
 */
public final class NettyOctets implements Octets {

  private static final int PATIENCE_SECONDS = 30;

  private final AutoCloseable beneath;
  private final Transfer transfer = new Transfer();
  private final Channel channel;

  private NettyOctets(Bootstrap bootstrap, InetSocketAddress to, AutoCloseable beneath) {
    this.beneath = beneath;
    channel =
        bootstrap
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(transfer)
            .connect(to)
            .syncUninterruptibly()
            .channel();
  }

  /** By the best kind that this machine has. */
  public static NettyOctets best(int port) {
    return direct(EventLoops.open(), port);
  }

  /** By {@code NioSocketChannel}. */
  public static NettyOctets nio(int port) {
    return direct(
        EventLoops.open(EventLoops.Io.NIO, Runtime.getRuntime().availableProcessors()), port);
  }

  private static NettyOctets direct(EventLoops loops, int port) {
    var bootstrap = new Bootstrap().group(loops.group()).channelFactory(loops.socketChannels());
    return new NettyOctets(
        bootstrap, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), loops);
  }

  /** By a channel of a binding's factory on event loops of its own, over the simulated network. */
  public static NettyOctets binding(int port) throws Exception {
    var loops = EventLoops.open();
    var simulated = new SimulatedPort(port);
    return binding(
        simulated,
        loops.group(),
        () -> {
          simulated.close();
          loops.close();
        });
  }

  /** The same on the event loops that the transport's channels are on. */
  public static NettyOctets bindingOnItsLoops(int port) throws Exception {
    var simulated = new SimulatedPort(port);
    var channels = BindingChannels.of(simulated.network());
    return binding(simulated, channels.eventLoopGroup(), simulated);
  }

  private static NettyOctets binding(
      SimulatedPort simulated, EventLoopGroup group, AutoCloseable beneath) {
    var channels = BindingChannels.of(simulated.network());
    var bootstrap =
        new Bootstrap()
            .group(group)
            .channelFactory(channels.channelFactory())
            .resolver(channels.resolver());
    return new NettyOctets(
        bootstrap,
        InetSocketAddress.createUnresolved(SimulatedPort.HOST, SimulatedPort.PORT),
        beneath);
  }

  @Override
  public long download(long length) throws Exception {
    return run(length, 0);
  }

  @Override
  public long upload(long length) throws Exception {
    return run(1, length);
  }

  private long run(long take, long give) throws Exception {
    var over = new CompletableFuture<Void>();
    channel.eventLoop().execute(() -> transfer.begin(channel, take, give, over));
    over.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return Math.max(take, give);
  }

  @Override
  public void close() throws IOException {
    channel.close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    try {
      beneath.close();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  /** One transfer after the other. On the loop. */
  private static final class Transfer extends ChannelInboundHandlerAdapter {
    private final byte[] piece = new byte[PIECE_OCTETS];
    private CompletableFuture<Void> over = CompletableFuture.completedFuture(null);
    private long leftToTake;
    private long leftToGive;

    void begin(Channel channel, long take, long give, CompletableFuture<Void> end) {
      over = end;
      leftToTake = take;
      leftToGive = give;
      var head = Octets.head(give > 0 ? -give : take);
      channel.writeAndFlush(channel.alloc().buffer(head.length).writeBytes(head));
      giveMore(channel);
    }

    private void giveMore(Channel channel) {
      while (leftToGive > 0 && channel.isWritable()) {
        var count = (int) Math.min(leftToGive, PIECE_OCTETS);
        leftToGive -= count;
        channel.writeAndFlush(channel.alloc().buffer(count).writeBytes(piece, 0, count));
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      giveMore(context.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var octets = (ByteBuf) message;
      leftToTake -= octets.readableBytes();
      while (octets.isReadable()) {
        octets.readBytes(piece, 0, Math.min(octets.readableBytes(), PIECE_OCTETS));
      }
      octets.release();
      if (leftToTake == 0) {
        over.complete(null);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      over.completeExceptionally(new EOFException());
    }
  }
}
