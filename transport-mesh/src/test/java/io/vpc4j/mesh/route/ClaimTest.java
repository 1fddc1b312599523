package io.vpc4j.mesh.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.Seeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class ClaimTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long NEVER = Long.MAX_VALUE;

  @Test
  void oneThatAnswersGoesBeforeABetterOneThatDoesNot() {
    assertBefore(claim(true, 200, 0, 9), claim(false, 10, NEVER, 0));
  }

  @Test
  void thePriorityGoesBeforeTroubleAndTurns() {
    assertBefore(claim(true, 10, 0, 9), claim(true, 100, NEVER, 0));
  }

  @Test
  void equalsWithoutTroubleTakeTurns() {
    assertBefore(claim(true, 100, NEVER, 1), claim(true, 100, NEVER, 2));
    assertBefore(claim(true, 100, Claim.RECENT_NS, 1), claim(true, 100, NEVER, 2));
    assertBefore(claim(true, 100, NEVER, 1), claim(true, 100, Claim.RECENT_NS, 2));
  }

  @Test
  void oneWithTroubleWaitsUntilItIsForgotten() {
    assertBefore(claim(true, 100, NEVER, 9), claim(true, 100, Claim.RECENT_NS - 1, 0));
  }

  @Test
  void whereAllHaveHadTroubleTheLeastRecentGetsAll() {
    assertBefore(claim(true, 100, 2 * SECOND, 9), claim(true, 100, SECOND, 0));
  }

  @Test
  void ofDeadOnesTheOneWhoseDeathIsLongestAgo() {
    var first = new Claim(new Standing(false, 100, 1), 0, 9);
    assertBefore(first, new Claim(new Standing(false, 100, 2), SECOND, 0));
  }

  /** Flows given out in virtual time, to nodes that die and come back; beside a slow twin. */
  @Test
  void flowsGoWhereTheSlowTwinSendsThem() {
    Seeds.forEach(
        11,
        20,
        random -> {
          var nodes = new ArrayList<Node>();
          for (var i = 0; i < 5; i++) {
            nodes.add(new Node(random.nextInt(2)));
          }
          var flows = 0L;
          for (var second = 1L; second < 600; second++) {
            var nowNs = second * SECOND;
            for (var node : nodes) {
              node.probe(random, nowNs);
            }
            for (var i = random.nextInt(4); i > 0; i--) {
              var expected = twin(nodes, nowNs);
              var chosen =
                  Collections.min(nodes, Comparator.comparing((Node node) -> node.claim(nowNs)));
              assertThat(chosen).isSameAs(expected);
              chosen.lastTurn = ++flows;
            }
          }
        });
  }

  /** The shares of equals that stay well differ by one flow at most. */
  @Test
  void whoStaysWellCarriesAnEqualShare() {
    var turns = new long[4];
    var counts = new int[4];
    for (var flow = 1L; flow <= 1_001; flow++) {
      var least = 0;
      for (var i = 1; i < turns.length; i++) {
        var one = claim(true, 7, NEVER, turns[i]);
        if (one.compareTo(claim(true, 7, NEVER, turns[least])) < 0) {
          least = i;
        }
      }
      turns[least] = flow;
      counts[least]++;
    }
    assertThat(counts).containsExactlyInAnyOrder(251, 250, 250, 250);
  }

  private static final class Node {
    private static long deaths;
    private final Liveness liveness = new Liveness(0);
    private final int priority;
    private boolean troubled;
    private long lastDeath;
    private long lastTurn;

    Node(int priority) {
      this.priority = priority;
    }

    void probe(Random random, long nowNs) {
      if (random.nextInt(40) == 0) {
        troubled = !troubled;
      }
      if (!troubled) {
        liveness.onAnswer(nowNs);
      } else if (liveness.onMiss(nowNs)) {
        lastDeath = ++deaths;
      }
    }

    Claim claim(long nowNs) {
      var standing = new Standing(liveness.alive(), priority, lastDeath);
      return new Claim(standing, liveness.quietNs(nowNs), lastTurn);
    }
  }

  /** One rule after the other, each taking away who does not pass it. */
  private static Node twin(List<Node> all, long nowNs) {
    var left = keepIfAny(all, node -> node.liveness.alive());
    var best = left.stream().mapToInt(node -> node.priority).min().orElseThrow();
    left = keepIfAny(left, node -> node.priority == best);
    if (!left.get(0).liveness.alive()) {
      return Collections.min(left, Comparator.comparingLong((Node node) -> node.lastDeath));
    }
    var calm = left.stream().filter(node -> quietNs(node, nowNs) >= Claim.RECENT_NS).toList();
    if (!calm.isEmpty()) {
      return Collections.min(calm, Comparator.comparingLong((Node node) -> node.lastTurn));
    }
    var longest = left.stream().mapToLong(node -> quietNs(node, nowNs)).max().orElseThrow();
    left = keepIfAny(left, node -> quietNs(node, nowNs) == longest);
    return Collections.min(left, Comparator.comparingLong((Node node) -> node.lastTurn));
  }

  private static long quietNs(Node node, long nowNs) {
    return node.liveness.quietNs(nowNs);
  }

  private static List<Node> keepIfAny(List<Node> nodes, Predicate<Node> condition) {
    var kept = nodes.stream().filter(condition).toList();
    return kept.isEmpty() ? nodes : kept;
  }

  private static Claim claim(boolean alive, int priority, long quietNs, long lastTurn) {
    return new Claim(new Standing(alive, priority, 0), quietNs, lastTurn);
  }

  private static void assertBefore(Claim first, Claim second) {
    assertThat(first).isLessThan(second);
    assertThat(second).isGreaterThan(first);
  }
}
