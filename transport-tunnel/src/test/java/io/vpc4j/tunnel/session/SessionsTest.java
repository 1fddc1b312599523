package io.vpc4j.tunnel.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.Seeds;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SessionsTest {

  @ParameterizedTest
  @EnumSource
  void everySessionIsOpenedOrRefusedAndNothingIsLeft(DatagramVersion version) {
    Seeds.forEach(0x5E55, 300, random -> new SessionsSim(version, random).run(400));
  }

  @ParameterizedTest
  @EnumSource
  void theSimulationDoesEverything(DatagramVersion version) {
    var sim = new SessionsSim(version, new Random(3));
    sim.run(5000);

    assertThat(sim.opened()).isPositive();
    assertThat(sim.refused()).isPositive();
    assertThat(sim.received()).isPositive();
  }
}
