package io.vpc4j.mesh.wireguard;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.wireguard.crypto.ConscryptInstalled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The hostile peers once more, where Conscrypt is installed: it opens what they forge. */
@ExtendWith(ConscryptInstalled.class)
class ConscryptHostilePeersTest extends HostilePeersTest {

  @Test
  void thePacketsAreConscrypts() {
    assertThat(Story.seeded(1).node(1).engine.aeadName()).isEqualTo("Conscrypt");
  }
}
