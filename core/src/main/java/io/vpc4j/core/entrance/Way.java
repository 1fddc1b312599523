package io.vpc4j.core.entrance;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.vpc4j.Url;
import io.vpc4j.VpcException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A binding, as an entrance sees it: a way of getting channels to targets. Safe for many threads;
 * never blocks.
 *
 * <p>The futures complete on an event loop, and fail with a {@link VpcException}; cancelling one
 * gives the dial up. An initializer is asked for once for each address that is tried.
 */
public interface Way {

  /** The binding's name. */
  String name();

  /**
   * A raw connection.
   *
   * @param host a name, or an address with or without brackets; ignored by a service, whose record
   *     decides
   * @throws VpcException if there is no route, or it is denied; nothing was dialled then
   */
  Future<Channel> connect(
      String host, int port, Duration timeout, Supplier<ChannelHandler> initializer)
      throws VpcException;

  /**
   * A channel of datagrams to one destination: it takes {@code ByteBuf}s, and gives them or holders
   * of them.
   *
   * @param host a name, or an address
   * @throws VpcException if there is no route, or it is denied; nothing was dialled then
   */
  Future<Channel> datagrams(
      String host, int port, Duration timeout, Supplier<ChannelHandler> initializer)
      throws VpcException;

  /** Whether any datagram can pass: no, if everything goes through what carries none. */
  boolean carriesDatagrams();

  /**
   * A connection that HTTP/1.1 can be spoken on: to where a fetch of {@code url} would go, behind
   * TLS if its scheme says so.
   *
   * @throws VpcException if there is no route, or it is denied; nothing was dialled then
   */
  Future<Channel> connect(Url url, Duration timeout, Supplier<ChannelHandler> initializer)
      throws VpcException;
}
