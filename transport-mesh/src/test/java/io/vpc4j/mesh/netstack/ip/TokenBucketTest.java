package io.vpc4j.mesh.netstack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenBucketTest {

  private static final long SECOND = 1_000_000_000L;

  @Test
  void aBurstPassesAndThenTheRate() {
    var bucket = new TokenBucket(10, 5, 0);
    var passed = 0;
    for (var i = 0; i < 100; i++) {
      passed += bucket.take(0) ? 1 : 0;
    }
    assertThat(passed).isEqualTo(5);
    for (var ms = 1; ms <= 1_000; ms++) {
      passed += bucket.take(ms * 1_000_000L) ? 1 : 0;
    }
    assertThat(passed).isEqualTo(15);
  }

  @Test
  void restDoesNotSaveMoreThanABurst() {
    var bucket = new TokenBucket(10, 5, 0);
    var passed = 0;
    for (var i = 0; i < 100; i++) {
      passed += bucket.take(1_000 * SECOND) ? 1 : 0;
    }
    assertThat(passed).isEqualTo(5);
  }
}
