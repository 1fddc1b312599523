package io.vpc4j.mesh.netstack;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.Map;

/** What has come, gone and been dropped, and why. Written by the loop, read by anybody. */
@SuppressWarnings("EnumOrdinal") // the index of a cell, and nothing that outlives the process
public final class NetstackCounters {

  /** Each a counter. */
  public enum Counter {
    /** Packets that came. */
    PACKETS_IN,
    /** Packets that left. */
    PACKETS_OUT,
    /** Packets that went from one peer to another. */
    FORWARDED,
    /** SYNs of those that asked for longer segments than fit, and now ask for such as do. */
    MSS_LOWERED,
    /** Not a packet, or cut short. */
    DROPPED_MALFORMED,
    /** A checksum was wrong, of IP, TCP, UDP or ICMP. */
    DROPPED_CHECKSUM,
    /** An address that no packet may have. */
    DROPPED_MARTIAN,
    /** Neither ours, nor announced, nor to be forwarded. */
    DROPPED_NO_ROUTE,
    /** The policy of this hub forbids it. */
    DROPPED_PROHIBITED,
    /** It had made too many hops. */
    DROPPED_HOPS,
    /** It was too long for the way on. */
    DROPPED_TOO_BIG,
    /** A fragment that overlaps, is tiny, or cannot be. */
    DROPPED_FRAGMENT,
    /** A segment or datagram to a port nobody has. */
    DROPPED_NO_PORT,
    /** An offer, a flow or an answer for which there was no room. */
    DROPPED_FULL,
    /** An ICMP error about nothing of ours. */
    DROPPED_ICMP,
    /** Echo requests answered. */
    ECHOES_ANSWERED,
    /** ICMP errors that were written. */
    ERRORS_SENT,
    /** TCP resets to segments of no connection. */
    RESETS_SENT,
    /** Path MTUs learned. */
    PATH_MTUS_LEARNED
  }

  private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] cells = new long[Counter.values().length];

  /** None yet. */
  NetstackCounters() {}

  /** By the loop alone. */
  void add(Counter counter) {
    var index = counter.ordinal();
    CELLS.setOpaque(cells, index, cells[index] + 1);
  }

  /** Its value now. */
  public long get(Counter counter) {
    return (long) CELLS.getOpaque(cells, counter.ordinal());
  }

  /** All values now. */
  public Map<Counter, Long> snapshot() {
    var all = new EnumMap<Counter, Long>(Counter.class);
    for (var counter : Counter.values()) {
      all.put(counter, get(counter));
    }
    return all;
  }
}
