package io.vpc4j.mesh.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.testkit.Seeds;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShareTest {

  private static final BigInteger WORD = BigInteger.ONE.shiftLeft(64);

  /** In any order, and beside a slow twin that knows no overflow and sorts. */
  @Test
  void theHighestScoreHasTheFlow() {
    Seeds.forEach(
        31,
        200,
        random -> {
          var links = links(random, 1 + random.nextInt(9));
          var share = Share.among(toArray(links));
          Collections.shuffle(links, random);
          var shuffled = Share.among(toArray(links));
          for (var i = 0; i < 50; i++) {
            var flow = random.nextLong();
            assertThat(share.of(flow)).isEqualTo(twin(links, flow)).isEqualTo(shuffled.of(flow));
          }
        });
  }

  @Test
  void whenALinkGoesItsFlowsAloneMove() {
    Seeds.forEach(
        32,
        50,
        random -> {
          var links = links(random, 2 + random.nextInt(8));
          var all = Share.among(toArray(links));
          var gone = links.remove(random.nextInt(links.size()));
          var left = Share.among(toArray(links));
          for (var i = 0; i < 500; i++) {
            var flow = random.nextLong();
            if (all.of(flow) == gone) {
              assertThat(left.of(flow)).isNotEqualTo(gone);
            } else {
              assertThat(left.of(flow)).isEqualTo(all.of(flow));
            }
          }
        });
  }

  /** Within seven standard deviations, of hashes that differ little from one another as well. */
  @Test
  void eachCarriesAnEqualShare() {
    Seeds.forEach(
        33,
        20,
        random -> {
          var links = links(random, 4);
          var share = Share.among(toArray(links));
          for (var stride : new long[] {1, 1L << 40, 0}) {
            var counts = new int[links.size()];
            for (var i = 0; i < 10_000; i++) {
              var flow = stride == 0 ? random.nextLong() : i * stride;
              counts[links.indexOf(share.of(flow))]++;
            }
            for (var count : counts) {
              assertThat(count).isBetween(2_200, 2_800);
            }
          }
        });
  }

  @Test
  void oneAloneHasEveryFlow() {
    var share = Share.alone(7);

    assertThat(share.single()).isTrue();
    assertThat(share.first()).isEqualTo(7);
    assertThat(share.of(-1)).isEqualTo(7);
    assertThat(Share.among(new int[] {7}).single()).as("others may come").isFalse();
    assertThatThrownBy(() -> Share.among(new int[0], 7))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Integer> links(Random random, int count) {
    var links = new ArrayList<Integer>();
    while (links.size() < count) {
      var link = random.nextInt(3 * count);
      if (!links.contains(link)) {
        links.add(link);
      }
    }
    return links;
  }

  private static int[] toArray(List<Integer> links) {
    return links.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int twin(List<Integer> links, long flow) {
    var sorted = new ArrayList<>(links);
    sorted.sort((a, b) -> slowScore(flow, b).compareTo(slowScore(flow, a)));
    return sorted.get(0);
  }

  private static BigInteger slowScore(long flow, int link) {
    var z = word(flow).add(BigInteger.valueOf(link + 1).multiply(word(0x9e37_79b9_7f4a_7c15L)));
    z = z.mod(WORD);
    z = z.xor(z.shiftRight(30)).multiply(word(0xbf58_476d_1ce4_e5b9L)).mod(WORD);
    z = z.xor(z.shiftRight(27)).multiply(word(0x94d0_49bb_1331_11ebL)).mod(WORD);
    return z.xor(z.shiftRight(31));
  }

  private static BigInteger word(long unsigned) {
    return new BigInteger(Long.toUnsignedString(unsigned));
  }
}
