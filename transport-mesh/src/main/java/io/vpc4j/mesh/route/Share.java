package io.vpc4j.mesh.route;

import java.util.Arrays;

/**
 * The links that lead to a prefix equally well, and which of them a flow goes by that is not ours.
 *
 * <p>Rendezvous hashing: every link has a score for the flow, and the highest has it. D. G. Thaler
 * and C. V. Ravishankar, "Using name-based mappings to increase hit rates", 1998. So nothing need
 * be remembered of a flow; when a link goes, its flows alone move, and when it comes back those
 * alone return.
 */
public final class Share {

  private final int[] links;

  /**
   * Shares among links.
   *
   * @param links 1 or more, each once, in any order
   */
  public Share(int... links) {
    if (links.length == 0) {
      throw new IllegalArgumentException("no link to share among");
    }
    this.links = links.clone();
    Arrays.sort(this.links);
  }

  /** Whether there is but one, which has every flow. */
  public boolean single() {
    return links.length == 1;
  }

  /** The only one, or the one of the lowest number. */
  public int first() {
    return links[0];
  }

  /**
   * The link of a flow.
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
