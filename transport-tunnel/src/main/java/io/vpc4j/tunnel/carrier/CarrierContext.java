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
 */
public record CarrierContext(EventLoops eventLoops, ByteBufAllocator allocator, Ticker ticker) {}
