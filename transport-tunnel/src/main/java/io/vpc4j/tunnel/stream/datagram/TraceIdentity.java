package io.vpc4j.tunnel.stream.datagram;

import java.nio.ByteBuffer;

/**
 * Which trace a packet belongs to. Big-endian. [T] 4.9
 *
 * <pre>
 *  octet
 *     0  trace id    16
 *    16  span id      8
 *    24  flags        1
 * </pre>
 *
 * @param traceHigh the first half of the trace id
 * @param traceLow the second
 * @param span the span id
 * @param flags 0 to 255
 */
public record TraceIdentity(long traceHigh, long traceLow, long span, int flags) {

  /** How many octets it takes. */
  public static final int OCTETS = 25;

  /** Checks the flags. */
  public TraceIdentity {
    if ((flags & ~0xff) != 0) {
      throw new IllegalArgumentException("flags must be 0 to 255, not " + flags);
    }
  }

  /** Reads at an absolute place; the caller has proved that the octets are there. */
  static TraceIdentity read(ByteBuffer in, int at) {
    return new TraceIdentity(
        in.getLong(at), in.getLong(at + 8), in.getLong(at + 16), in.get(at + 24) & 0xff);
  }

  void write(ByteBuffer out) {
    out.putLong(traceHigh).putLong(traceLow).putLong(span).put((byte) flags);
  }
}
