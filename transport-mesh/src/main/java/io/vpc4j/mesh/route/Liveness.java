package io.vpc4j.mesh.route;

/**
 * Whether one node is alive, from whether its probes are answered.
 *
 * <pre>
 *              MISSES_TO_DIE unanswered in a row
 *      ALIVE ------------------------------------> DEAD
 *        ^                                           |
 *        |   ANSWERS_TO_LIVE in a row, and the hold  |
 *        +-------------------------------------------+
 * </pre>
 *
 * <p><b>Flapping.</b> A node that dies again soon after it came back is held longer each time: the
 * hold doubles from {@link #FIRST_HOLD_NS} to {@link #LONGEST_HOLD_NS}, and is forgotten once it
 * has been alive for {@link #FORGET_NS}. The idea is BGP's route flap damping (RFC 2439) with
 * doubling in place of a decaying penalty. Not thread-safe.
 */
public final class Liveness {

  /** Unanswered probes in a row after which a node counts as dead. */
  public static final int MISSES_TO_DIE = 3;

  /** Answered probes in a row after which it may count as alive. */
  public static final int ANSWERS_TO_LIVE = 3;

  /** How long a node stays dead at least, the first time. */
  public static final long FIRST_HOLD_NS = 5_000_000_000L;

  /** And at most. */
  public static final long LONGEST_HOLD_NS = 300_000_000_000L;

  /** After so long alive, deaths before are forgotten. */
  public static final long FORGET_NS = 600_000_000_000L;

  private boolean alive = true;
  private int misses;
  private int answers;
  private long holdNs = FIRST_HOLD_NS;
  private long changedNs;
  private boolean troubled;
  private long troubleNs;

  /** Alive until it is found not to be. */
  public Liveness(long nowNs) {
    changedNs = nowNs;
  }

  /**
   * A probe was answered, or something else authentic has come.
   *
   * @return whether it is alive now and was not before
   */
  public boolean onAnswer(long nowNs) {
    misses = 0;
    if (alive) {
      if (nowNs - changedNs >= FORGET_NS) {
        holdNs = FIRST_HOLD_NS;
      }
      return false;
    }
    answers++;
    if (answers < ANSWERS_TO_LIVE || nowNs - changedNs < holdNs) {
      return false;
    }
    alive = true;
    changedNs = nowNs;
    holdNs = Math.min(2 * holdNs, LONGEST_HOLD_NS);
    return true;
  }

  /**
   * A probe was not answered in time.
   *
   * @return whether it is dead now and was not before
   */
  public boolean onMiss(long nowNs) {
    answers = 0;
    troubled = true;
    troubleNs = nowNs;
    if (!alive || ++misses < MISSES_TO_DIE) {
      return false;
    }
    alive = false;
    misses = 0;
    if (nowNs - changedNs >= FORGET_NS) {
      holdNs = FIRST_HOLD_NS;
    }
    changedNs = nowNs;
    return true;
  }

  /** Whether it is alive. */
  public boolean alive() {
    return alive;
  }

  /** How long it must stay dead, this time or the next. */
  public long holdNs() {
    return holdNs;
  }

  /** How long ago a probe was last missed; {@link Long#MAX_VALUE} if none was. */
  public long quietNs(long nowNs) {
    return troubled ? nowNs - troubleNs : Long.MAX_VALUE;
  }
}
