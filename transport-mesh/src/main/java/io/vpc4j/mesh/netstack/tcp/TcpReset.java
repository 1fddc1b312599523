package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.ACK;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.RST;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.tcp.wire.TcpWriter;
import java.nio.ByteBuffer;

/** The answer to a segment that belongs to no connection. RFC 9293 3.10.7.1 */
public final class TcpReset {

  private TcpReset() {}

  /**
   * Writes the reset at the position of {@code out}, as {@link TcpConnection#poll} does. The stack
   * bounds how many it sends.
   *
   * @return its octets, or 0: a reset is never answered with one
   */
  public static int answer(TcpSegment segment, TcpHost host, ByteBuffer out) {
    if (segment.has(RST)) {
      return 0;
    }
    if (segment.has(ACK)) {
      return write(host.writer, segment, segment.ack(), 0, RST, out);
    }
    return write(host.writer, segment, 0, segment.end(), RST | ACK, out);
  }

  private static int write(
      TcpWriter writer, TcpSegment to, int seq, int ack, int flags, ByteBuffer out) {
    var ours = to.destinationPort();
    var theirs = to.sourcePort();
    writer.begin(out, ours, theirs);
    writer.numbers(seq, ack).flags(flags, 0).end();
    return TcpSegment.MIN_HEADER_OCTETS;
  }
}
