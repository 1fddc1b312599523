package io.vpc4j.core.spi;

import io.netty.buffer.ByteBufAllocator;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;

/**
 * What the runtime lends a transport. Safe for use by many threads.
 *
 * @param directory what the directory says now, and news of changes
 * @param eventLoops the loops of this {@link io.vpc4j.Vpc}; not the transport's to close
 * @param allocator for every buffer that reaches a channel
 * @param ticker the clock of every deadline
 */
public record TransportContext(
    Directory directory, EventLoops eventLoops, ByteBufAllocator allocator, Ticker ticker) {}
