package io.vpc4j.mesh.wireguard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayWindowTest {

  /** The same promise, kept the slow and obvious way. */
  private static final class RememberEverything {
    private final Set<Long> seen = new HashSet<>();
    private long highest;

    boolean accept(long counter) {
      if (counter < highest - ReplayWindow.WINDOW) {
        return false;
      }
      highest = Math.max(highest, counter);
      return seen.add(counter);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void agreesWithRememberingEverything(long seed) {
    var random = new Random(seed);
    var window = new ReplayWindow();
    var twin = new RememberEverything();
    var near = 0L;

    for (var step = 0; step < 200_000; step++) {
      near = Math.max(0, near + jump(random));
      var may = window.mayAccept(near);
      var expected = twin.accept(near);
      if (window.accept(near) != expected || may != expected) {
        throw new AssertionError("seed %d, step %d, counter %d".formatted(seed, step, near));
      }
    }
  }

  @Test
  void countersAreUnsigned() {
    var window = new ReplayWindow();

    assertThat(window.accept(Long.MAX_VALUE)).isTrue();
    assertThat(window.accept(Long.MIN_VALUE)).isTrue(); // the one after it
    assertThat(window.accept(-2)).isTrue();
    assertThat(window.accept(-2)).isFalse();
    assertThat(window.accept(Long.MAX_VALUE)).isFalse();
    assertThat(window.accept(3)).isFalse();
    assertThat(window.accept(-2L - ReplayWindow.WINDOW)).isTrue();
    assertThat(window.accept(-3L - ReplayWindow.WINDOW)).isFalse();
  }

  /** Mostly in order; sometimes late; now and then past the window, either way. */
  private static long jump(Random random) {
    return switch (random.nextInt(100)) {
      case 0 -> random.nextLong(4L * ReplayWindow.WINDOW) - 2L * ReplayWindow.WINDOW;
      case 1, 2, 3, 4, 5 -> random.nextInt(200) - 100;
      default -> 1;
    };
  }
}
