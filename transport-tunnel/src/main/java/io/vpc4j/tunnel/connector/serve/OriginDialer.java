package io.vpc4j.tunnel.connector.serve;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.carrier.Windows;
import io.vpc4j.tunnel.connector.config.OriginOptions;
import io.vpc4j.tunnel.connector.config.OriginOptions.Addresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes channels to origins, on the loop of the stream they are for. They do not read on their own,
 * and are told apart in their two ends.
 */
public final class OriginDialer {

  /** Messages of one read: with the write buffer's mark, what a stalled pair may hold. */
  private static final int MESSAGES_PER_READ = 2;

  private final EventLoops loops;
  private final Offload offload;

  /** Neither is closed here. */
  public OriginDialer(EventLoops loops, Offload offload) {
    this.loops = loops;
    this.offload = offload;
  }

  /** Dials an address. Fails with what the operating system said, or a timeout. */
  public ChannelFuture address(
      EventLoop loop,
      Destination destination,
      Duration timeout,
      Duration keepAlive,
      ChannelHandler handler) {
    return bootstrap(loop, timeout, keepAlive, handler)
        .connect(new InetSocketAddress(destination.address().toInetAddress(), destination.port()));
  }

  /** Dials a name; its addresses in turn, or with a head start each. Completes with the channel. */
  public Future<Channel> name(
      EventLoop loop, String host, int port, OriginOptions options, ChannelHandler handler) {
    var promise = loop.<Channel>newPromise();
    var literal = IpAddress.parse(host);
    if (literal.isPresent()) {
      race(loop, List.of(literal.get().toInetAddress()), port, options, handler).onto(promise);
      return promise;
    }
    offload
        .call(loop, () -> List.of(InetAddress.getAllByName(host)))
        .addListener(
            (Future<List<InetAddress>> found) -> {
              if (found.isSuccess()) {
                race(loop, inOrder(found.getNow(), options.addresses()), port, options, handler)
                    .onto(promise);
              } else {
                promise.tryFailure(unknown(host, found.cause()));
              }
            });
    return promise;
  }

  private DialRace race(
      EventLoop loop,
      List<InetAddress> addresses,
      int port,
      OriginOptions options,
      ChannelHandler handler) {
    var bootstrap = bootstrap(loop, options.connectTimeout(), options.tcpKeepAlive(), handler);
    return new DialRace(bootstrap, loop, addresses, port, options.addresses());
  }

  private static Throwable unknown(String host, Throwable cause) {
    if (cause instanceof UnknownHostException) {
      var unknown = new UnknownHostException(host);
      unknown.initCause(cause);
      return unknown;
    }
    return cause;
  }

  /** With happy eyeballs the families alternate, IPv6 first. RFC 8305 4 */
  private static List<InetAddress> inOrder(List<InetAddress> found, Addresses how) {
    if (how == Addresses.IN_TURN) {
      return found;
    }
    var six = found.stream().filter(address -> address.getAddress().length == 16).toList();
    var four = found.stream().filter(address -> address.getAddress().length == 4).toList();
    var order = new ArrayList<InetAddress>();
    for (var i = 0; i < Math.max(six.size(), four.size()); i++) {
      if (i < six.size()) {
        order.add(six.get(i));
      }
      if (i < four.size()) {
        order.add(four.get(i));
      }
    }
    return order;
  }

  /** Dials a Unix socket. */
  public ChannelFuture unix(
      EventLoop loop, String path, OriginOptions options, ChannelHandler handler) {
    return new Bootstrap()
        .group(loop)
        .channelFactory(loops.domainSocketChannels())
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) options.connectTimeout().toMillis())
        .handler(handler)
        .connect(loops.domainSocketAddress(Path.of(path)));
  }

  private Bootstrap bootstrap(
      EventLoop loop, Duration timeout, Duration keepAlive, ChannelHandler handler) {
    return new Bootstrap()
        .group(loop)
        .channelFactory(loops.socketChannels())
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, !keepAlive.isZero())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(1_024, 16 << 10, 64 << 10)
                .maxMessagesPerRead(MESSAGES_PER_READ))
        .option(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(Windows.WRITE_LOW_OCTETS, Windows.WRITE_HIGH_OCTETS))
        .handler(handler);
  }
}
