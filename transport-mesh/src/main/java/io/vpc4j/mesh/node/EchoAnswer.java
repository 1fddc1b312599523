package io.vpc4j.mesh.node;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.netstack.tcp.IcmpError;
import java.time.Duration;
import java.util.Optional;

/**
 * What came back for an echo request.
 *
 * @param roundTrip from request to reply; zero for a refusal
 * @param hopLimit how many hops the reply had left; 0 for a refusal
 * @param refusal an ICMP error in place of the reply
 */
public record EchoAnswer(Duration roundTrip, int hopLimit, Optional<Refusal> refusal) {

  /**
   * A router or the host said that the request goes nowhere.
   *
   * @param from who said so
   * @param error why
   */
  public record Refusal(IpAddress from, IcmpError error) {}
}
