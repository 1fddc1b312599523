package io.vpc4j.mesh.node;

import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.directory.Policy.Rule;
import io.vpc4j.core.directory.Policy.Subject;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import java.util.List;

/**
 * A policy as it applies to packets and flows, which have an address and a port and no name: rules
 * about names never match.
 *
 * <p>Link-local and metadata addresses are refused unless a rule about addresses allows them: a
 * flow that ends here goes on from this host, for which those addresses mean something.
 */
final class AddressPolicy {

  private static final List<Cidr> BUILT_IN =
      List.of(
          Cidr.require("169.254.0.0/16"), // RFC 3927, and most clouds' metadata
          Cidr.require("fe80::/10"),
          Cidr.require("fd00:ec2::254/128"),
          Cidr.require("fd20:ce::254/128"),
          Cidr.require("100.100.100.200/32"),
          Cidr.require("168.63.129.16/32"),
          Cidr.require("192.0.0.192/32"),
          Cidr.require("0.0.0.0/8"),
          Cidr.require("224.0.0.0/4"),
          Cidr.require("ff00::/8"),
          Cidr.require("255.255.255.255/32"));

  private final Policy policy;

  AddressPolicy(Policy policy) {
    this.policy = policy;
  }

  /**
   * Whether it may be reached.
   *
   * @param port 0 where there is none, as of an echo: only rules without ports apply
   */
  boolean allows(IpAddress address, int port) {
    for (var rule : policy.rules()) {
      if (!hasPort(rule, port)) {
        continue;
      }
      if (rule.subject() instanceof Subject.Network network) {
        if (network.network().contains(address)) {
          return rule.action() == Action.ALLOW;
        }
      } else if (rule.subject() instanceof Subject.Any) {
        return rule.action() == Action.ALLOW && !builtIn(address);
      }
    }
    return policy.otherwise() == Action.ALLOW && !builtIn(address);
  }

  private static boolean builtIn(IpAddress address) {
    for (var prefix : BUILT_IN) {
      if (prefix.contains(address)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasPort(Rule rule, int port) {
    if (rule.ports().isEmpty()) {
      return true;
    }
    for (var range : rule.ports()) {
      if (range.contains(port)) {
        return true;
      }
    }
    return false;
  }
}
