package io.vpc4j.mesh.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StandingTest {

  @Test
  void oneThatAnswersGoesBeforeABetterOneThatDoesNot() {
    assertBefore(new Standing(true, 200, 7), new Standing(false, 10, 0));
  }

  @Test
  void thePriorityGoesBeforeTroubleOfThePast() {
    assertBefore(new Standing(true, 10, 7), new Standing(true, 100, 0));
  }

  @Test
  void ofEqualsTheOneWhoseTroubleIsLongestAgo() {
    assertBefore(new Standing(true, 100, 0), new Standing(true, 100, 1));
    assertBefore(new Standing(true, 100, 3), new Standing(true, 100, 4));
    assertBefore(new Standing(false, 100, 3), new Standing(false, 100, 4));
  }

  @Test
  void whatIsTheSameIsTheSame() {
    assertEquals(0, Standing.unwatched(100).compareTo(new Standing(true, 100, 0)));
  }

  /** Any order of asking gives the same winner: it is an order. */
  @Test
  void theBestIsTheBestInWhateverOrderTheyAreAsked() {
    var random = new Random(20261126);
    for (var round = 0; round < 1_000; round++) {
      var all = new ArrayList<Standing>();
      for (var i = 0; i < 8; i++) {
        all.add(new Standing(random.nextBoolean(), random.nextInt(3), random.nextInt(4)));
      }
      var best = Collections.min(all);
      Collections.shuffle(all, random);
      assertEquals(best, Collections.min(all));
      assertTrue(all.stream().allMatch(each -> best.compareTo(each) <= 0), () -> "of " + all);
    }
  }

  private static void assertBefore(Standing first, Standing second) {
    assertTrue(first.compareTo(second) < 0);
    assertTrue(second.compareTo(first) > 0);
    assertEquals(List.of(first, second), List.of(second, first).stream().sorted().toList());
  }
}
