package io.vpc4j.core.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.vpc4j.VpcException;
import java.time.Duration;
import java.util.function.Supplier;

/** How a channel of a transport is had. Any thread; does not wait. */
@FunctionalInterface
interface Dials {

  /**
   * Dials.
   *
   * @param handlers one for each address that is tried, last in the pipeline
   * @return fails with a {@link VpcException}; cancelling gives the dial up
   * @throws VpcException no route, or denied
   */
  Future<Channel> dial(String host, int port, Duration timeout, Supplier<ChannelHandler> handlers)
      throws VpcException;
}
