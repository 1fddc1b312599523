package io.vpc4j.mesh.route;

/**
 * How one of several announcers of a prefix stands beside the others; the least has the prefix.
 *
 * <p>One that is alive goes before one that is not; then the lower priority; then, of equals, the
 * one whose last death is longest ago, so that a node that comes and goes does not take back what
 * its equal has carried through. Changes only when a node dies or comes back, as the prefix does.
 *
 * @param alive whether it answers
 * @param priority as the directory gives it, the lower the better
 * @param lastDeath its number among all deaths that were noticed, counted from 1; 0 for none
 */
public record Standing(boolean alive, int priority, long lastDeath)
    implements Comparable<Standing> {

  /** Of one that is not watched, since nobody stands in for it. */
  public static Standing unwatched(int priority) {
    return new Standing(true, priority, 0);
  }

  /** Whether it goes before the other whatever trouble either has had. */
  public boolean outranks(Standing other) {
    return alive == other.alive ? priority < other.priority : alive;
  }

  @Override
  public int compareTo(Standing other) {
    if (outranks(other)) {
      return -1;
    }
    return other.outranks(this) ? 1 : Long.compare(lastDeath, other.lastDeath);
  }
}
