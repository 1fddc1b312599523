package io.vpc4j.mesh.netstack.tcp.wire;

import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.ALIGNED_TIMESTAMPS;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.KIND_MSS;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.KIND_NOP;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.KIND_SACK;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.KIND_SACK_PERMITTED;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.KIND_WINDOW_SCALE;

import java.nio.ByteBuffer;

/**
 * Writes a header at a buffer's position; the layout is drawn on {@link TcpSegment}.
 *
 * <p>The order is {@link #begin}, {@link #numbers}, {@link #flags}, options, {@link #end}; the data
 * follows at the position that leaves. One object is used for every segment. The checksum field is
 * left zero for whoever knows the addresses.
 *
 * <p>Options come in the order the kernels send them, padded with NOPs to whole words, so that
 * every receiver's fast path recognises them. RFC 7323 appendix A
 */
public final class TcpWriter {

  /** Octets of the timestamps option with its padding. */
  public static final int TIMESTAMPS_OCTETS = 12;

  private ByteBuffer out = ByteBuffer.allocate(0);
  private int start;

  /** Points nowhere until {@link #begin}. */
  public TcpWriter() {}

  /** Octets of a SACK option of so many blocks, with its padding. */
  public static int sackOctets(int blocks) {
    return blocks == 0 ? 0 : 4 + 8 * blocks;
  }

  /**
   * Begins a header.
   *
   * @param packet on the heap, big-endian, with room for the header; lent until {@link #end}
   */
  public TcpWriter begin(ByteBuffer packet, int sourcePort, int destinationPort) {
    out = packet;
    start = packet.position();
    packet.putInt((sourcePort << 16) | (destinationPort & 0xFFFF));
    return this;
  }

  /** SEG.SEQ and SEG.ACK. */
  public TcpWriter numbers(int seq, int ack) {
    out.putInt(seq).putInt(ack);
    return this;
  }

  /** Flags, and the window as it is on the wire. */
  public TcpWriter flags(int flags, int window) {
    out.putInt((flags << 16) | Math.min(window, 0xFFFF)).putInt(0); // no checksum, nothing urgent
    return this;
  }

  /** The MSS option; only with SYN. */
  public TcpWriter mss(int octets) {
    out.putInt((KIND_MSS << 24) | (4 << 16) | Math.min(octets, 0xFFFF));
    return this;
  }

  /** The window scale option; only with SYN. */
  public TcpWriter windowScale(int shift) {
    out.putInt((KIND_NOP << 24) | (KIND_WINDOW_SCALE << 16) | (3 << 8) | shift);
    return this;
  }

  /** The SACK-permitted option; only with SYN. */
  public TcpWriter sackPermitted() {
    out.putInt((KIND_NOP << 24) | (KIND_NOP << 16) | (KIND_SACK_PERMITTED << 8) | 2);
    return this;
  }

  /** The timestamps option. */
  public TcpWriter timestamps(int tsVal, int tsEcr) {
    out.putInt(ALIGNED_TIMESTAMPS).putInt(tsVal).putInt(tsEcr);
    return this;
  }

  /**
   * The SACK option.
   *
   * @param edges left and right edges in turn
   */
  public TcpWriter sack(int[] edges, int blocks) {
    out.putInt((KIND_NOP << 24) | (KIND_NOP << 16) | (KIND_SACK << 8) | (2 + 8 * blocks));
    for (var i = 0; i < 2 * blocks; i++) {
      out.putInt(edges[i]);
    }
    return this;
  }

  /** Ends the header: from here on, data. */
  public void end() {
    var words = (out.position() - start) >>> 2;
    out.put(start + 12, (byte) (words << 4));
  }
}
