package io.vpc4j.mesh.route;

import java.util.Arrays;

/**
 * Which link a flow goes by that is not ours, from its first packet on: what a {@link Share} gives
 * it, and that for as long as the share keeps it there. So a link that comes back gets new flows
 * alone, though a hash alone would give it back all that it had.
 *
 * <p>Remembers a flow by its hash, with the time of its last packet. After {@link #IDLE_NS} without
 * one it is forgotten. The table is a cache of sets of {@link #WAYS} flows: a set that is full
 * forgets the flow whose last packet is longest ago. What was forgotten goes as the hash has it,
 * which is where it went before, unless a link has come back since. Allocates nothing after its
 * making; confined to one thread.
 */
public final class Affinity {

  /**
   * Without a packet for so long, a flow is over: 2 h 4 min, as a translator of addresses must wait
   * at least. RFC 5382 5, REQ-5
   */
  public static final long IDLE_NS = 7_440_000_000_000L;

  /** Flows of a set. */
  static final int WAYS = 8;

  private static final int NONE = -1;

  private final int setMask;
  private final long[] flows;
  private final long[] usedNs;
  private final int[] links;

  /**
   * Remembers nothing yet.
   *
   * @param flows how many are remembered at most, a power of two from {@value #WAYS} to 2^24; 20
   *     octets of memory each
   */
  public Affinity(int flows) {
    if (flows < WAYS || flows > 1 << 24 || Integer.bitCount(flows) != 1) {
      throw new IllegalArgumentException("not a power of two from 8 to 2^24: " + flows);
    }
    setMask = flows / WAYS - 1;
    this.flows = new long[flows];
    usedNs = new long[flows];
    links = new int[flows];
    Arrays.fill(links, NONE);
  }

  /**
   * The link of a packet.
   *
   * @param flow a hash of its flow, all bits of which are good
   * @param share what leads where it goes, now
   * @param nowNs never less than before
   */
  public int of(long flow, Share share, long nowNs) {
    var at = find(flow);
    var stays = flows[at] == flow && nowNs - usedNs[at] < IDLE_NS && share.keeps(links[at]);
    if (!stays) {
      flows[at] = flow;
      links[at] = share.of(flow);
    }
    usedNs[at] = nowNs;
    return links[at];
  }

  /** Where the flow is; else a place in its set that is free; else that of the longest silence. */
  private int find(long flow) {
    var begin = ((int) flow & setMask) * WAYS;
    var place = begin;
    for (var i = begin; i < begin + WAYS; i++) {
      if (links[i] == NONE) {
        return i; // they are filled in order, so that it is nowhere behind this one
      }
      if (flows[i] == flow) {
        return i;
      }
      if (usedNs[i] - usedNs[place] < 0) {
        place = i;
      }
    }
    return place;
  }
}
