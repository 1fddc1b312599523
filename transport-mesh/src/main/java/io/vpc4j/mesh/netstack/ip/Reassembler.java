package io.vpc4j.mesh.netstack.ip;

import io.vpc4j.mesh.netstack.wire.IpPacket;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.Ipv4Header;
import io.vpc4j.mesh.netstack.wire.Ipv6Header;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts datagrams together from their fragments. RFC 791 3.2, RFC 8200 4.5, RFC 5722
 *
 * <p><b>Idea.</b> A datagram that waits is an array of octets and a sorted list of the ranges that
 * are filled. The fragment that fills the last hole completes it.
 *
 * <p><b>What an attacker could do.</b> Send first halves for ever: the table is bounded in
 * datagrams, in octets of its arrays and in time, and the oldest datagram makes room. Send
 * fragments that overlap so that two hosts read two datagrams: the whole datagram is dropped at the
 * first octet that comes twice with a range of its own (RFC 5722 4; the same for IPv4, as every
 * stack of today); an exact duplicate of a fragment is ignored, since networks make those. Send a
 * transport header in pieces to get past a filter: the first fragment must hold it whole (RFC 1858
 * 3, RFC 7112 5). Send a thousand fragments of eight octets: ranges are bounded. Claim a length
 * past 65,535 octets ("ping of death"): dropped.
 *
 * <p>Not thread-safe.
 */
public final class Reassembler {

  /** Datagrams that wait at once. */
  public static final int MAX_DATAGRAMS = 64;

  /** Octets of all that wait, as allocated. */
  public static final int MAX_OCTETS = 1 << 20;

  /** Of one datagram; 46 fragments of 1,432 octets make the largest one. */
  public static final int MAX_RANGES = 64;

  /** RFC 1122 3.3.2 wants 60 s to 120 s, RFC 8200 4.5 says 60 s. */
  public static final long TIMEOUT_NS = 60_000_000_000L;

  private static final int MAX_DATAGRAM_OCTETS = 65_535;

  /** What became of a fragment. */
  public enum Outcome {
    /** It waits for the rest. */
    WAITING,
    /** It was the last: {@link #whole} is the datagram. */
    COMPLETE,
    /** It was there already. */
    DUPLICATE,
    /** It overlaps another: the datagram is gone. */
    OVERLAP,
    /** Its length or place cannot be: the datagram is gone. */
    MALFORMED,
    /** The first of them does not hold the transport's header. */
    TINY
  }

  /** RFC 791 3.2: source, destination, protocol, identification; and the peer it came from. */
  private record Key(
      int link,
      int version,
      long srcHigh,
      long srcLow,
      long dstHigh,
      long dstLow,
      int protocol,
      int identification) {}

  private static final class Datagram {
    byte[] octets; // headroom, header of MAX_OCTETS, payload
    final long deadlineNs;
    final int[] starts = new int[MAX_RANGES];
    final int[] ends = new int[MAX_RANGES];
    int ranges;
    int headerOctets; // 0 until the first fragment is there
    int totalOctets = -1; // of the payload; -1 until the last fragment is there

    Datagram(int octets, long deadlineNs) {
      this.octets = new byte[octets];
      this.deadlineNs = deadlineNs;
    }

    boolean complete() {
      return totalOctets >= 0 && ranges == 1 && starts[0] == 0 && ends[0] == totalOctets;
    }
  }

  private final int headroomOctets;
  private final Map<Key, Datagram> waiting = new LinkedHashMap<>(); // oldest first
  private @Nullable ByteBuffer whole;
  private int octets;
  private long evicted;
  private long timedOut;

  /**
   * Makes an empty one.
   *
   * @param headroomOctets what is left free before the packet in {@link #whole}
   */
  public Reassembler(int headroomOctets) {
    this.headroomOctets = headroomOctets;
  }

  /**
   * Takes a fragment; its octets are copied.
   *
   * @param link the peer it came from
   */
  public Outcome onFragment(IpPacket packet, int link, long nowNs) {
    onTime(nowNs);
    var start = packet.fragmentOffset();
    var end = start + packet.payloadOctets();
    if (packet.payloadOctets() == 0
        || (packet.moreFragments() && packet.payloadOctets() % 8 != 0)
        || end > MAX_DATAGRAM_OCTETS - (packet.version() == 4 ? Ipv4Header.OCTETS : 0)) {
      return Outcome.MALFORMED;
    }
    if (tiny(packet, start)) {
      return Outcome.TINY;
    }
    var key =
        new Key(
            link,
            packet.version(),
            packet.srcHigh(),
            packet.srcLow(),
            packet.dstHigh(),
            packet.dstLow(),
            packet.version() == 4 ? packet.protocol() : 0, // RFC 8200 4.5: not part of the key
            packet.identification());
    var datagram = waiting.get(key);
    if (datagram == null) {
      datagram = new Datagram(0, nowNs + TIMEOUT_NS);
      makeRoom();
      waiting.put(key, datagram);
    }
    var outcome = place(datagram, packet, start, end);
    if (outcome == Outcome.OVERLAP || outcome == Outcome.MALFORMED) {
      remove(key, datagram);
    } else if (outcome == Outcome.WAITING && datagram.complete()) {
      remove(key, datagram);
      if (packet.version() == 4
          && datagram.headerOctets + datagram.totalOctets > MAX_DATAGRAM_OCTETS) {
        return Outcome.MALFORMED; // its options take what the length cannot say
      }
      whole = finish(datagram, packet.version());
      return Outcome.COMPLETE;
    }
    return outcome;
  }

  private static boolean tiny(IpPacket packet, int start) {
    var least =
        switch (packet.protocol()) {
          case IpProtocol.TCP -> 20;
          case IpProtocol.UDP, IpProtocol.ICMP, IpProtocol.ICMPV6 -> 8;
          default -> 0;
        };
    return start == 0 ? packet.payloadOctets() < least : start < least;
  }

  private Outcome place(Datagram datagram, IpPacket packet, int start, int end) {
    var last = !packet.moreFragments();
    var ended = datagram.totalOctets >= 0;
    if ((ended && (last ? datagram.totalOctets != end : end > datagram.totalOctets))
        || (last && datagram.ranges > 0 && datagram.ends[datagram.ranges - 1] > end)) {
      return Outcome.MALFORMED; // two ends, or something past the end
    }
    for (var i = 0; i < datagram.ranges; i++) {
      if (start >= datagram.starts[i] && end <= datagram.ends[i] && same(datagram, packet, start)) {
        return Outcome.DUPLICATE;
      }
      if (start < datagram.ends[i] && end > datagram.starts[i]) {
        return Outcome.OVERLAP;
      }
    }
    if (!fill(datagram, start, end)) {
      return Outcome.MALFORMED;
    }
    grow(datagram, end);
    var buffer = packet.buffer();
    var from = buffer.arrayOffset() + packet.payloadAt();
    System.arraycopy(buffer.array(), from, datagram.octets, payloadAt() + start, end - start);
    if (last) {
      datagram.totalOctets = end;
    }
    if (start == 0) {
      keepHeader(datagram, packet);
    }
    return Outcome.WAITING;
  }

  /** Octet for octet: RFC 8200 4.5 lets an exact duplicate pass, and nothing else. */
  private boolean same(Datagram datagram, IpPacket packet, int start) {
    var buffer = packet.buffer();
    var from = buffer.arrayOffset() + packet.payloadAt();
    var there = payloadAt() + start;
    for (var i = 0; i < packet.payloadOctets(); i++) {
      if (buffer.array()[from + i] != datagram.octets[there + i]) {
        return false;
      }
    }
    return true;
  }

  /** Adds a range to the sorted list, joined with its neighbours. */
  private static boolean fill(Datagram datagram, int start, int end) {
    var i = 0;
    while (i < datagram.ranges && datagram.ends[i] < start) {
      i++;
    }
    var joinsLeft = i < datagram.ranges && datagram.ends[i] == start;
    var next = joinsLeft ? i + 1 : i;
    var joinsRight = next < datagram.ranges && datagram.starts[next] == end;
    if (joinsLeft && joinsRight) {
      datagram.ends[i] = datagram.ends[next];
      close(datagram, next);
    } else if (joinsLeft) {
      datagram.ends[i] = end;
    } else if (joinsRight) {
      datagram.starts[next] = start;
    } else {
      if (datagram.ranges == MAX_RANGES) {
        return false;
      }
      System.arraycopy(datagram.starts, i, datagram.starts, i + 1, datagram.ranges - i);
      System.arraycopy(datagram.ends, i, datagram.ends, i + 1, datagram.ranges - i);
      datagram.starts[i] = start;
      datagram.ends[i] = end;
      datagram.ranges++;
    }
    return true;
  }

  private static void close(Datagram datagram, int range) {
    var after = datagram.ranges - range - 1;
    System.arraycopy(datagram.starts, range + 1, datagram.starts, range, after);
    System.arraycopy(datagram.ends, range + 1, datagram.ends, range, after);
    datagram.ranges--;
  }

  private void grow(Datagram datagram, int end) {
    var needed = payloadAt() + end;
    if (needed > datagram.octets.length) {
      var grown = new byte[Math.max(needed, 2 * datagram.octets.length)];
      System.arraycopy(datagram.octets, 0, grown, 0, datagram.octets.length);
      octets += grown.length - datagram.octets.length;
      datagram.octets = grown;
      makeRoomFor(datagram);
    }
  }

  /** IPv4 keeps the first fragment's header; of IPv6 the fixed part, the rest has been obeyed. */
  private void keepHeader(Datagram datagram, IpPacket packet) {
    var buffer = packet.buffer();
    var headerOctets = packet.version() == 4 ? packet.payloadAt() - packet.at() : Ipv6Header.OCTETS;
    datagram.headerOctets = headerOctets;
    System.arraycopy(
        buffer.array(),
        buffer.arrayOffset() + packet.at(),
        datagram.octets,
        payloadAt() - headerOctets,
        headerOctets);
    if (packet.version() == 6) {
      Ipv6Header.writeWhole(
          ByteBuffer.wrap(datagram.octets), payloadAt() - headerOctets, 0, packet.protocol());
    }
  }

  private ByteBuffer finish(Datagram datagram, int version) {
    var at = payloadAt() - datagram.headerOctets;
    var packet = ByteBuffer.wrap(datagram.octets);
    packet.position(at).limit(payloadAt() + datagram.totalOctets);
    if (version == 4) {
      Ipv4Header.writeWhole(packet, at, datagram.headerOctets + datagram.totalOctets);
    } else {
      var next = packet.get(at + 6) & 0xff;
      Ipv6Header.writeWhole(packet, at, datagram.totalOctets, next);
    }
    return packet;
  }

  private int payloadAt() {
    return headroomOctets + Ipv4Header.MAX_OCTETS;
  }

  // ---- bounds

  private void makeRoom() {
    while (waiting.size() >= MAX_DATAGRAMS) {
      evictOldest(null);
    }
  }

  private void makeRoomFor(Datagram growing) {
    while (octets > MAX_OCTETS && evictOldest(growing)) {
      // one more has gone
    }
  }

  private boolean evictOldest(@Nullable Datagram except) {
    for (Iterator<Datagram> all = waiting.values().iterator(); all.hasNext(); ) {
      var oldest = all.next();
      if (!oldest.equals(except)) {
        all.remove();
        octets -= oldest.octets.length;
        evicted++;
        return true;
      }
    }
    return false;
  }

  private void remove(Key key, Datagram datagram) {
    waiting.remove(key);
    octets -= datagram.octets.length;
  }

  /** Drops what has waited too long. */
  public void onTime(long nowNs) {
    if (waiting.isEmpty()) {
      return; // an iterator would be an object for every turn of the loop
    }
    for (Iterator<Datagram> all = waiting.values().iterator(); all.hasNext(); ) {
      var oldest = all.next();
      if (nowNs - oldest.deadlineNs < 0) {
        return;
      }
      all.remove();
      octets -= oldest.octets.length;
      timedOut++;
    }
  }

  // ---- facts

  /**
   * The datagram that the last {@link Outcome#COMPLETE} completed, with headroom; the caller's.
   *
   * @throws IllegalStateException if there is none
   */
  public ByteBuffer whole() {
    var datagram = whole;
    if (datagram == null) {
      throw new IllegalStateException("no datagram is complete");
    }
    whole = null;
    return datagram;
  }

  /** When to call {@link #onTime} at the latest; {@link Long#MAX_VALUE} for never. */
  public long deadlineNs() {
    if (waiting.isEmpty()) {
      return Long.MAX_VALUE;
    }
    return waiting.values().iterator().next().deadlineNs;
  }

  /** Datagrams that wait. */
  public int size() {
    return waiting.size();
  }

  /** Octets that their arrays take. */
  public int octets() {
    return octets;
  }

  /** How many made room for others. */
  public long evicted() {
    return evicted;
  }

  /** How many never got the rest. */
  public long timedOut() {
    return timedOut;
  }
}
