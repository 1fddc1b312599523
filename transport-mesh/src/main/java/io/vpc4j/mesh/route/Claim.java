package io.vpc4j.mesh.route;

/**
 * How one of several announcers of a prefix stands for the next flow; the least gets it.
 *
 * <p>One that is alive goes before one that is not, then the lower priority: active/passive. Of
 * equals, those that have had no trouble for {@link #RECENT_NS} take turns: active/active. One with
 * trouble since gets no flow while there is one without; where all have had some, the one whose
 * trouble is longest ago gets all. Trouble is a probe that was not answered.
 *
 * @param standing as it stands for the prefix
 * @param quietNs since its last trouble; {@link Long#MAX_VALUE} if it has had none
 * @param lastTurn the number of the last flow that it was given, counted from 1 over all
 *     announcers; 0 for none
 */
public record Claim(Standing standing, long quietNs, long lastTurn) implements Comparable<Claim> {

  /** For how long trouble counts as recent: a node dies of 3 s of it. */
  public static final long RECENT_NS = 30_000_000_000L;

  @Override
  public int compareTo(Claim other) {
    if (standing.outranks(other.standing)) {
      return -1;
    }
    if (other.standing.outranks(standing)) {
      return 1;
    }
    if (!standing.alive()) {
      return standing.compareTo(other.standing); // both are dead: no turns
    }
    if (calm() != other.calm()) {
      return calm() ? -1 : 1;
    }
    return calm() || quietNs == other.quietNs
        ? Long.compare(lastTurn, other.lastTurn)
        : Long.compare(other.quietNs, quietNs);
  }

  private boolean calm() {
    return quietNs >= RECENT_NS;
  }
}
