package io.vpc4j.mesh.netstack.tcp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.Seeds;
import org.junit.jupiter.api.Test;

class SeqTest {

  /** The same on a line without a wrap. */
  @Test
  void agreesWithNumbersThatDoNotWrap() {
    Seeds.forEach(
        793,
        50_000,
        random -> {
          var base = random.nextLong() >>> 2;
          var x = base + random.nextInt(1 << 30);
          var y = base + random.nextInt(1 << 30);
          var z = base + random.nextInt(1 << 30);
          var a = (int) x;
          var b = (int) y;
          assertThat(Seq.before(a, b)).isEqualTo(x < y);
          assertThat(Seq.atOrBefore(a, b)).isEqualTo(x <= y);
          assertThat(Seq.after(a, b)).isEqualTo(x > y);
          assertThat(Seq.atOrAfter(a, b)).isEqualTo(x >= y);
          assertThat(Seq.max(a, b)).isEqualTo((int) Math.max(x, y));
          assertThat(Seq.min(a, b)).isEqualTo((int) Math.min(x, y));
          assertThat(Seq.within(a, b, (int) z)).isEqualTo(y <= x && x < z);
        });
  }
}
