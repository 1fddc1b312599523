package io.vpc4j.tunnel.carrier;

import io.netty.buffer.ByteBufAllocator;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;

/**
 * What carriers run on.
 *
 * @param eventLoops not the carriers' to close
 * @param allocator for every buffer that reaches a channel
 * @param ticker the clock of every deadline
 * @param lingerNs how long an edge waits over HTTP/2 for the connector's end of a stream that it
 *     has ended and closed, before it resets it
 */
public record CarrierContext(
    EventLoops eventLoops, ByteBufAllocator allocator, Ticker ticker, long lingerNs) {

  /** That waits for {@link Windows#LINGER_NS}. */
  public CarrierContext(EventLoops eventLoops, ByteBufAllocator allocator, Ticker ticker) {
    this(eventLoops, allocator, ticker, Windows.LINGER_NS);
  }
}
