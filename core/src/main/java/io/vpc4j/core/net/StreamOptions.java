package io.vpc4j.core.net;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;

/**
 * How much of a stream a channel moves at once: what a transfer takes to cost few system calls and
 * few changes of thread.
 */
public final class StreamOptions {

  /** Reads grow to this while they are filled: 256 KiB. */
  public static final int MAX_READ_OCTETS = 256 * 1024;

  private static final int FIRST_READ_OCTETS = 4096;
  private static final int MIN_READ_OCTETS = 512;

  /** A writer waits at 256 KiB that have not gone, until 64 KiB are left. */
  private static final WriteBufferWaterMark WATER_MARKS =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  private StreamOptions() {}

  /** Sets them, before the first read. A channel that does not know one goes on without it. */
  public static void set(ChannelConfig config) {
    config.setOption(
        ChannelOption.RECVBUF_ALLOCATOR,
        new AdaptiveRecvByteBufAllocator(MIN_READ_OCTETS, FIRST_READ_OCTETS, MAX_READ_OCTETS));
    config.setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARKS);
  }
}
