package io.vpc4j.mesh.route;

import java.util.Arrays;

/**
 * The links that lead to a prefix, and which of them a new flow goes by that is not ours.
 *
 * <p>Rendezvous hashing: of those that lead there best, every link has a score for the flow, and
 * the highest has it. D. G. Thaler and C. V. Ravishankar, "Using name-based mappings to increase
 * hit rates", 1998. So when a link goes, its flows alone move. {@link Affinity} sees to it that
 * none moves when one comes back.
 */
public final class Share {

  private final int[] links;
  private final int[] others;
  private final boolean shared;

  private Share(int[] links, int[] others, boolean shared) {
    if (links.length == 0) {
      throw new IllegalArgumentException("no link to share among");
    }
    this.links = links.clone();
    this.others = others.clone();
    this.shared = shared;
    Arrays.sort(this.links);
  }

  /** Of a prefix to which one link leads, and no other ever. */
  public static Share alone(int link) {
    return new Share(new int[] {link}, new int[0], false);
  }

  /**
   * Of a prefix to which several links lead, some of which may be down at present.
   *
   * @param links those that new flows are shared among: 1 or more, each once, in any order
   * @param others those that get no new flow, and on which a flow stays that has been there
   */
  public static Share among(int[] links, int... others) {
    return new Share(links, others, true);
  }

  /** Whether there is but one, ever, which has every flow. */
  public boolean single() {
    return !shared;
  }

  /** The only one, or the one of the lowest number. */
  public int first() {
    return links[0];
  }

  /** Whether a flow that goes by this link may stay there. */
  boolean keeps(int link) {
    return contains(links, link) || contains(others, link);
  }

  private static boolean contains(int[] some, int link) {
    for (var one : some) {
      if (one == link) {
        return true;
      }
    }
    return false;
  }

  /**
   * The link of a new flow.
   *
   * @param flow a hash of the flow, all bits of which are good
   */
  public int of(long flow) {
    var best = links[0];
    var bestScore = score(flow, best);
    for (var i = 1; i < links.length; i++) {
      var score = score(flow, links[i]);
      if (Long.compareUnsigned(score, bestScore) > 0) {
        best = links[i];
        bestScore = score;
      }
    }
    return best;
  }

  /** Mixed as SplitMix64 does it: each bit of either changes half of the score's. */
  static long score(long flow, int link) {
    var z = flow + (link + 1) * 0x9e37_79b9_7f4a_7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
    return z ^ (z >>> 31);
  }
}
