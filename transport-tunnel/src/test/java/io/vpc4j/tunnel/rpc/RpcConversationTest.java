package io.vpc4j.tunnel.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RpcConversationTest {

  @Test
  void everyCallIsAnsweredWithItsOwnAnswerOrGivenUp() {
    Seeds.forEach(0xCA11, 300, random -> new RpcConversationSim(random).run(400));
  }

  @Test
  void theSimulationDoesBoth() {
    var sim = new RpcConversationSim(new Random(7));
    sim.run(2000);

    assertThat(sim.answered()).isPositive();
    assertThat(sim.givenUp()).isPositive();
  }
}
