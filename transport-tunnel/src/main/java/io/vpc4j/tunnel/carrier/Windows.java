package io.vpc4j.tunnel.carrier;

import java.util.concurrent.TimeUnit;

/**
 * Flow control, and the memory it bounds; the same on both carriers.
 *
 * <p><b>Size.</b> {@link #STREAM_MAX_OCTETS} is a bandwidth of 640 Mbit/s times a round trip of 50
 * ms: what one stream may have under way to fill such a path. {@link #CONNECTION_OCTETS} is eight
 * of them.
 *
 * <p><b>Growth.</b> A stream begins with {@link #STREAM_INITIAL_OCTETS}. Each time its reader has
 * taken a whole window, the window doubles, up to the maximum, as long as all that was added on
 * this connection stays within {@link #CONNECTION_OCTETS}; what a stream was given is returned when
 * it ends. A reader that stands still is given nothing.
 *
 * <p><b>Credit of the connection</b> is returned when octets arrive, not when they are read:
 * readers that stand still must not starve the others. What bounds memory is the streams' windows:
 *
 * <p><b>Memory.</b> With N streams whose readers stand still, a connection holds at most {@code N x
 * STREAM_INITIAL_OCTETS + CONNECTION_OCTETS}: for 1,000 of them 128 MiB + 32 MiB. Towards the
 * connector a channel is unwritable from {@link #WRITE_HIGH_OCTETS} on.
 */
public final class Windows {

  /** What a stream may send before its reader has taken anything. */
  public static final int STREAM_INITIAL_OCTETS = 128 << 10;

  /** What a stream's window grows to. */
  public static final int STREAM_MAX_OCTETS = 4 << 20;

  /** What all streams of a connection may have been given beyond their initial windows. */
  public static final int CONNECTION_OCTETS = 8 * STREAM_MAX_OCTETS;

  /** Waiting output above which a stream is not writable. */
  public static final int WRITE_HIGH_OCTETS = 256 << 10;

  /** Waiting output below which it is writable again. */
  public static final int WRITE_LOW_OCTETS = 128 << 10;

  /** The longest message of calls or of a stream's preamble that is read, [T] 5.1 allows more. */
  public static final int MAX_MESSAGE_OCTETS = 4 << 20;

  /** How long the edge waits for the peer's end of a stream that it has ended and closed. */
  public static final long LINGER_NS = TimeUnit.SECONDS.toNanos(5);

  /** How long a closed stream's last octets may stand still before it is given up. */
  public static final long STALLED_NS = TimeUnit.MINUTES.toNanos(10);

  private Windows() {}
}
