package io.vpc4j.mesh.netstack.tcp;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.SipHash;
import org.jspecify.annotations.Nullable;

/**
 * Sequence numbers that are all we remember of a SYN. RFC 4987 3.6
 *
 * <pre>
 *   31        27 26   24 23                                   0
 *  +------------+-------+--------------------------------------+
 *  |  minutes   |  MSS  |  keyed hash of the flow, the peer's  |
 *  |  mod 32    |       |  sequence number and the two left    |
 *  +------------+-------+--------------------------------------+
 * </pre>
 *
 * <p>Window scale and SACK are kept in the six low bits of our timestamp, which a peer that does
 * timestamps sends back; without timestamps there is neither, which is slower and correct. ECN is
 * not kept. The hash has 24 bits, so a blind guess opens a connection once in 16 million;
 * acknowledgments are only taken for cookies within two minutes of one having been given.
 */
final class SynCookies {

  private static final int[] MSS = {48, 536, 1_220, 1_280, 1_340, 1_380, 1_440, 1_460};
  private static final int STAMP_BITS = 6;
  private static final int STAMP_MASK = (1 << STAMP_BITS) - 1;
  private static final int NO_SCALE = 15;
  private static final int HASH_MASK = 0xFF_FFFF;
  private static final long TICK_NS = 60_000_000_000L;

  /** What a cookie keeps of a SYN; a scale of -1 is none. */
  record Kept(int mss, int scale, boolean sack) {}

  private final TcpHost host;
  private final SipHash hash;
  private long lastGivenNs;
  private boolean given;

  SynCookies(TcpHost host, SipHash hash) {
    this.host = host;
    this.hash = hash;
  }

  /** Our initial sequence number for this SYN. */
  int give(TcpSegment syn, TcpFlow flow, long nowNs) {
    given = true;
    lastGivenNs = nowNs;
    var index = 0;
    var mss = syn.mss() < 0 ? Outbound.DEFAULT_PEER_MSS : syn.mss();
    while (index + 1 < MSS.length && MSS[index + 1] <= mss) {
      index++;
    }
    return cookie(flow, syn.seq(), tick(nowNs), index);
  }

  /** Our timestamp for the answer: the clock, with what the peer's SYN offered in its low bits. */
  int stamp(TcpSegment syn, TcpFlow flow, long nowNs) {
    var scale = syn.windowScale() < 0 ? NO_SCALE : Math.min(syn.windowScale(), 14);
    var kept = scale | (syn.sackPermitted() ? 1 << 4 : 0);
    return (flow.timestamp(host, nowNs) & ~STAMP_MASK) | kept;
  }

  /** What the SYN was that this acknowledgment belongs to, or null: it belongs to none. */
  @Nullable Kept check(TcpSegment ack, TcpFlow flow, long nowNs) {
    if (!given || nowNs - lastGivenNs > 2 * TICK_NS) {
      return null;
    }
    var number = ack.ack() - 1;
    var tick = tick(nowNs);
    var age = (tick - (number >>> 27)) & 31;
    var index = (number >>> 24) & 7;
    if (age > 1 || cookie(flow, ack.seq() - 1, tick - age, index) != number) {
      return null;
    }
    if (!ack.hasTimestamps()) {
      return new Kept(MSS[index], -1, false);
    }
    var scale = ack.tsEcr() & 15;
    return new Kept(MSS[index], scale == NO_SCALE ? -1 : scale, (ack.tsEcr() & 1 << 4) != 0);
  }

  private int cookie(TcpFlow flow, int peerSeq, int tick, int index) {
    var words = ((long) peerSeq << 32) | ((long) (tick & 31) << 8) | index;
    var low = (int) hash.hash(flow.secret(), words) & HASH_MASK;
    return ((tick & 31) << 27) | (index << 24) | low;
  }

  private int tick(long nowNs) {
    return (int) (host.sinceStartNs(nowNs) / TICK_NS);
  }
}
