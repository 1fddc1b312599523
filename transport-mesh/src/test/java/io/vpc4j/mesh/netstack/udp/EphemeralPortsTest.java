package io.vpc4j.mesh.netstack.udp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EphemeralPortsTest {

  @Test
  void everyPortIsFoundOnceAndThenNone() {
    var ports = new EphemeralPorts(new Random(5)::nextLong);
    var taken = new HashSet<Integer>();
    for (var i = EphemeralPorts.FIRST; i <= EphemeralPorts.LAST; i++) {
      var port = ports.choose(candidate -> !taken.contains(candidate));
      assertThat(port).isBetween(EphemeralPorts.FIRST, EphemeralPorts.LAST);
      assertThat(taken.add(port)).isTrue();
    }
    assertThat(ports.choose(candidate -> !taken.contains(candidate))).isZero();
  }

  @Test
  void theNextPortDoesNotFollowFromTheLast() {
    var ports = new EphemeralPorts(new Random(6)::nextLong);
    var steps = new HashSet<Integer>();
    var last = 0;
    for (var i = 0; i < 100; i++) {
      var port = ports.choose(candidate -> true);
      steps.add(port - last);
      last = port;
    }
    assertThat(steps).hasSizeGreaterThan(95);
  }
}
