package io.vpc4j.core.fetch.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sweeps, in virtual time: the loop's and the ticker's are one clock. */
class SweeperTest {

  private static final long NONE = -1; // EmbeddedChannel: nothing is planned
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long INTERVAL_NS = 100 * MS;

  private final EmbeddedChannel loop = new EmbeddedChannel();
  private long nowNs;
  private final Sweeper sweeper = new Sweeper(loop.eventLoop(), () -> nowNs, INTERVAL_NS);

  SweeperTest() {
    loop.freezeTime();
  }

  /** Lets time pass, and says how many turns of the loop that took. */
  private int pass(long ns) {
    var turns = 0;
    var endNs = nowNs + ns;
    while (true) {
      var nextNs = loop.runScheduledPendingTasks();
      if (nextNs == NONE || nowNs + nextNs > endNs) {
        loop.advanceTimeBy(endNs - nowNs, TimeUnit.NANOSECONDS);
        nowNs = endNs;
        return turns;
      }
      loop.advanceTimeBy(nextNs, TimeUnit.NANOSECONDS);
      nowNs += nextNs;
      turns++;
    }
  }

  @Test
  void whatAnnouncesItselfIsNotLookedAtWhileItIsNeverDue() {
    var pool = new Late(true);
    sweeper.add(pool);
    assertEquals(0, pass(TimeUnit.MINUTES.toNanos(10)));
    assertEquals(1, pool.looks, "when it was added");

    pool.dueNs = nowNs + 7 * MS;
    sweeper.wakeBy(pool.dueNs);
    pass(TimeUnit.MINUTES.toNanos(10));
    assertEquals(List.of(TimeUnit.MINUTES.toNanos(10) + 7 * MS), pool.called);
    assertEquals(NONE, loop.runScheduledPendingTasks(), "and then nobody looks again");
  }

  @Test
  void whatDoesNotIsLookedAtEveryInterval() {
    var connection = new Late(false);
    sweeper.add(new Late(true));
    sweeper.add(connection);
    assertEquals(10, pass(10 * INTERVAL_NS));

    connection.dueNs = nowNs + MS; // and says nothing
    pass(10 * INTERVAL_NS);
    assertEquals(List.of(11 * INTERVAL_NS), connection.called);

    sweeper.remove(connection);
    pass(INTERVAL_NS);
    assertEquals(NONE, loop.runScheduledPendingTasks());
  }

  @Test
  void oneThatThrowsDoesNotEndTheSweepsOfTheOthers() {
    var other = new Late(true);
    var broken =
        new Late(true) {
          @Override
          public void onDue(long when) {
            super.onDue(when);
            throw new IllegalStateException("broken");
          }
        };
    sweeper.add(broken);
    sweeper.add(other);
    broken.dueNs = MS;
    other.dueNs = 3 * INTERVAL_NS;
    sweeper.wakeBy(broken.dueNs);
    pass(10 * INTERVAL_NS);
    assertEquals(List.of(2 * MS), broken.called, "2 ms is how fine the time is");
    assertEquals(List.of(3 * INTERVAL_NS), other.called);
    assertThrows(IllegalStateException.class, () -> broken.onDue(nowNs));
  }

  /** Due when it is told to be, once. */
  private static class Late implements Sweeper.Timed {
    private final boolean announces;
    final List<Long> called = new ArrayList<>();
    long dueNs = Long.MAX_VALUE;
    private int looks;

    Late(boolean announces) {
      this.announces = announces;
    }

    @Override
    public long dueNs() {
      looks++;
      return dueNs;
    }

    @Override
    public boolean announces() {
      return announces;
    }

    @Override
    public void onDue(long nowNs) {
      called.add(nowNs);
      dueNs = Long.MAX_VALUE;
    }
  }
}
