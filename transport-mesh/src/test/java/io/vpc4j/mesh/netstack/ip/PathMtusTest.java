package io.vpc4j.mesh.netstack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress.Family;
import org.junit.jupiter.api.Test;

class PathMtusTest {

  private final PathMtus mtus = new PathMtus(1_420);

  private int tooBig(Family family, long to, int mtu, int sent) {
    return mtus.onTooBig(family, 0, 0, to, mtu, sent, 0);
  }

  @Test
  void whatIsSaidIsBelievedForTheOneDestination() {
    assertThat(tooBig(Family.V4, 5, 1_280, 1_420)).isEqualTo(1_280);
    assertThat(mtus.mtu(0, 0, 5, 0)).isEqualTo(1_280);
    assertThat(mtus.mtu(0, 0, 6, 0)).isEqualTo(1_420);
    assertThat(mtus.mtu(1, 0, 5, 0)).as("another peer's").isEqualTo(1_420);
  }

  @Test
  void lessThanAnyLinkHasIsNotBelieved() {
    assertThat(tooBig(Family.V4, 5, 68, 1_420)).isEqualTo(PathMtus.MIN_V4);
    assertThat(tooBig(Family.V6, 6, 68, 1_420)).isEqualTo(PathMtus.MIN_V6);
  }

  @Test
  void moreThanIsKnownIsNoNews() {
    assertThat(tooBig(Family.V4, 5, 1_280, 1_420)).isEqualTo(1_280);
    assertThat(tooBig(Family.V4, 5, 1_400, 1_420)).isZero();
    assertThat(tooBig(Family.V4, 5, 9_000, 1_420)).isZero();
    assertThat(mtus.mtu(0, 0, 5, 0)).isEqualTo(1_280);
  }

  /** RFC 1191 7.1. */
  @Test
  void anOldRouterThatSaysNothingMeansTheNextPlateau() {
    assertThat(tooBig(Family.V4, 5, 0, 1_420)).isEqualTo(1_006);
    assertThat(tooBig(Family.V4, 5, 0, 1_006)).isEqualTo(576);
  }

  @Test
  void afterTenMinutesTheWayIsTriedAnew() {
    tooBig(Family.V4, 5, 1_280, 1_420);

    assertThat(mtus.mtu(0, 0, 5, PathMtus.LIFETIME_NS - 1)).isEqualTo(1_280);
    assertThat(mtus.mtu(0, 0, 5, PathMtus.LIFETIME_NS)).isEqualTo(1_420);
    assertThat(mtus.size()).isZero();
  }

  @Test
  void theTableIsBounded() {
    for (var to = 0; to < 3 * PathMtus.MAX_ENTRIES; to++) {
      tooBig(Family.V4, to, 1_280, 1_420);
    }
    assertThat(mtus.size()).isEqualTo(PathMtus.MAX_ENTRIES);
    assertThat(mtus.mtu(0, 0, 0, 0)).as("the oldest went").isEqualTo(1_420);
  }
}
