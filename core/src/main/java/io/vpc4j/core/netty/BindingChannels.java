package io.vpc4j.core.netty;

import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.NoopAddressResolverGroup;
import io.vpc4j.Fetcher;
import io.vpc4j.core.client.RawConnections;
import java.net.SocketAddress;

/**
 * A binding, as programs that are made of Netty want it: their pipelines, on their event loops,
 * over connections through the binding.
 *
 * <pre>{@code
 * var channels = BindingChannels.of(vpc.network("MY_VPC"));
 * new Bootstrap()
 *     .group(loops)
 *     .channelFactory(channels.channelFactory())
 *     .resolver(channels.resolver())
 *     .handler(handler)
 *     .connect("db.internal", 5432);
 * }</pre>
 *
 * <p><b>Where to.</b> The address that a channel connects to is a name or an address of the private
 * network: for a name it is the far end that resolves it. For a service the record decides, and the
 * address is not looked at.
 *
 * <p><b>Connecting</b> is over when the far end has accepted. It takes at most {@link
 * io.netty.channel.ChannelOption#CONNECT_TIMEOUT_MILLIS}, 30 s as Netty has it, and 30 s where that
 * is 0. Cancelling the future, or closing the channel, gives it up. It fails with what Netty's own
 * channels fail with, and with the {@link io.vpc4j.VpcException} as its cause: {@link
 * java.net.ConnectException}, {@link io.netty.channel.ConnectTimeoutException}, {@link
 * java.net.UnknownHostException}, {@link java.net.NoRouteToHostException}; for what a plain socket
 * knows nothing of, a denial by the policy among others, {@link java.net.SocketException}. The
 * channel is closed then. Once the {@link io.vpc4j.Vpc} is closed it fails with {@link
 * IllegalStateException}.
 *
 * <p><b>Octets</b> are not copied. Reading and writing as with any channel: auto-read, read by
 * read, writability, a write's future that is over when the transport has taken it. A channel holds
 * at most 768 KiB that it was not asked for, and its water marks are 512 KiB and 1 MiB. Writes are
 * {@link io.netty.buffer.ByteBuf}; a {@link io.netty.channel.FileRegion} fails with {@link
 * UnsupportedOperationException}. What is read was allocated by the transport, in pieces of up to
 * 256 KiB, whatever {@link io.netty.channel.ChannelOption#ALLOCATOR} and {@link
 * io.netty.channel.ChannelOption#RECVBUF_ALLOCATOR} say.
 *
 * <p><b>The end.</b> With {@link io.netty.channel.ChannelOption#ALLOW_HALF_CLOSURE} an end of input
 * is an event, and {@code shutdownOutput} ends the output behind everything that was flushed, where
 * the transport can end one direction alone (the simulated network and the mesh); where it cannot,
 * {@code shutdownOutput} fails with {@link java.net.SocketException} and changes nothing. A reset
 * is {@code exceptionCaught} with an {@link java.io.IOException}, then {@code channelInactive}.
 * {@link io.netty.channel.ChannelOption#SO_LINGER} 0 resets, where the transport can. Other options
 * of a socket are kept, given back, and change nothing.
 *
 * <p><b>Threads.</b> A channel is on the loop it is registered with, of whatever kind, and may be
 * moved to another. What passes between that loop and the transport's does so in batches. On {@link
 * #eventLoopGroup} the two are often one, and nothing passes.
 *
 * <p>Safe for use by many threads. Closing the {@link io.vpc4j.Vpc} ends the channels.
 */
public final class BindingChannels {

  private final RawConnections connections;
  private final EventLoopGroup loops;

  private BindingChannels(RawConnections connections) {
    this.connections = connections;
    loops = new LentLoops(connections.loops());
  }

  /**
   * Those of {@code binding}.
   *
   * @throws IllegalArgumentException if it is not of an open {@link io.vpc4j.Vpc}
   */
  public static BindingChannels of(Fetcher binding) {
    if (binding instanceof RawConnections.Owner owner) {
      return new BindingChannels(owner.connections());
    }
    throw new IllegalArgumentException("not a binding of a Vpc: " + binding);
  }

  /** Makes channels that connect through the binding. */
  public ChannelFactory<SocketChannel> channelFactory() {
    return () -> new BindingChannel(connections::dial);
  }

  /** Leaves names as they are, and asks nobody. */
  public AddressResolverGroup<SocketAddress> resolver() {
    return NoopAddressResolverGroup.INSTANCE;
  }

  /**
   * The event loops of the {@link io.vpc4j.Vpc}, for programs that have none of their own, or want
   * no change of thread between the transport and themselves.
   *
   * <p>Handlers on them must not block: they would hold up everybody's connections, and what blocks
   * in this library refuses to there. They end with the {@link io.vpc4j.Vpc}; {@code
   * shutdownGracefully} is an {@link UnsupportedOperationException}.
   */
  public EventLoopGroup eventLoopGroup() {
    return loops;
  }
}
