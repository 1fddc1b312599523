package io.vpc4j.mesh.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.Security;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@link AeadContractTest} asks of it as well, and what is only Conscrypt's. */
@ExtendWith(ConscryptInstalled.class)
class ConscryptTest {

  private static final byte[] KEY = new byte[32];

  @Test
  void installedItIsTheFastest() {
    assertThat(AeadProvider.fastest().name()).isEqualTo("Conscrypt");

    var conscrypt = Security.getProvider("Conscrypt");
    Security.removeProvider("Conscrypt");
    try {
      assertThat(AeadProvider.fastest().name()).isIn("java", "jdk");
    } finally {
      Security.addProvider(conscrypt);
    }
  }

  /** Counters that come late, twice and out of order are for the window to judge, not for it. */
  @Test
  void anyCounterIsOpenedAnyNumberOfTimesInAnyOrder() {
    var sealing = AeadProvider.fastest().create(KEY);
    var opening = AeadProvider.fastest().create(KEY);
    var sealed = new byte[64][48];
    for (var counter = 0; counter < sealed.length; counter++) {
      sealing.seal(counter, sealed[counter], 0, 32);
    }
    for (var counter : new int[] {5, 5, 63, 0, 5, 1, 63, 63, 0}) {
      assertThat(opening.open(counter, sealed[counter].clone(), 0, 48)).isTrue();
    }
  }

  /** The engine never does it; whoever does is told, and nothing leaves. */
  @Test
  void aCounterThatWasJustUsedSealsNothing() {
    var sealing = AeadProvider.fastest().create(KEY);
    sealing.seal(3, new byte[48], 0, 32);

    assertThatThrownBy(() -> sealing.seal(3, new byte[48], 0, 32))
        .isInstanceOf(IllegalStateException.class);
  }

  /** Its key is in native memory: after this, not the one that opened. */
  @Test
  void whatWasOpenedBeforeIsNotOpenedOnceItIsWiped() {
    var sealed = new byte[48];
    var key = KEY.clone();
    key[31] = 9; // all zero is what wiping leaves
    AeadProvider.fastest().create(key).seal(1, sealed, 0, 32);
    var opening = AeadProvider.fastest().create(key);
    assertThat(opening.open(1, sealed.clone(), 0, 48)).isTrue();

    opening.wipe();

    assertThat(opening.open(1, sealed.clone(), 0, 48)).isFalse();
  }
}
