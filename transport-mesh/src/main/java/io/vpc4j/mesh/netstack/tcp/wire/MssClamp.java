package io.vpc4j.mesh.netstack.tcp.wire;

import io.vpc4j.mesh.netstack.wire.InternetChecksum;
import java.nio.ByteBuffer;

/**
 * Lowers what a SYN that goes on to another host asks for, to what fits the way: so that a
 * connection through a narrow hub does not depend on ICMP errors, which some firewalls drop. RFC
 * 4459 3.2
 */
public final class MssClamp {

  private static final int END = 0;
  private static final int NO_OPERATION = 1;
  private static final int MSS = 2;
  private static final int MSS_OCTETS = 4;
  private static final int DATA_OFFSET = 12;
  private static final int FLAGS = 13;

  private MssClamp() {}

  /**
   * Lowers the MSS option, if there is one that is higher, and makes the checksum right if it was
   * right before. What is no whole header is left alone.
   *
   * @param packet on the heap, big-endian
   * @param at where the header begins
   * @param octets of the segment, headers included
   * @param most what fits, 0 to 65,535
   * @return whether something was changed
   */
  public static boolean lower(ByteBuffer packet, int at, int octets, int most) {
    if (octets < TcpSegment.MIN_HEADER_OCTETS || (packet.get(at + FLAGS) & TcpSegment.SYN) == 0) {
      return false;
    }
    var header = (packet.get(at + DATA_OFFSET) >> 4 & 0xf) * 4;
    if (header > octets) {
      return false;
    }
    for (var option = TcpSegment.MIN_HEADER_OCTETS; option + 1 < header; ) {
      var kind = packet.get(at + option);
      if (kind == NO_OPERATION) {
        option++;
        continue;
      }
      var length = packet.get(at + option + 1) & 0xff;
      if (kind == END || length < 2 || option + length > header) {
        return false;
      }
      if (kind == MSS && length == MSS_OCTETS) {
        return lowerValue(packet, at, option + 2, most);
      }
      option += length;
    }
    return false;
  }

  private static boolean lowerValue(ByteBuffer packet, int at, int value, int most) {
    var before = packet.getShort(at + value) & 0xffff;
    if (before <= most) {
      return false;
    }
    packet.putShort(at + value, (short) most);
    var checksum = at + TcpSegment.CHECKSUM_OFFSET;
    // RFC 1624 3, equation 3
    var sum = ~packet.getShort(checksum) & 0xffff;
    sum += ~inSum(before, value) & 0xffff;
    sum += inSum(most, value);
    packet.putShort(checksum, (short) InternetChecksum.fold(sum));
    return true;
  }

  /** What two octets add to the sum: at an odd place they lie in two words. */
  private static int inSum(int word, int place) {
    return (place & 1) == 0 ? word : (word & 0xff) << 8 | word >> 8;
  }
}
