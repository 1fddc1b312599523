package io.vpc4j.mesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.directory.Policy.PortRange;
import io.vpc4j.core.directory.Policy.Rule;
import io.vpc4j.core.directory.Policy.Subject;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressPolicyTest {

  private static final IpAddress METADATA = IpAddress.require("169.254.169.254");
  private static final IpAddress HOST = IpAddress.require("10.0.5.42");

  @Test
  void byDefaultAllButMetadataIsAllowed() {
    var policy = new AddressPolicy(Policy.BUILT_IN);

    assertThat(policy.allows(HOST, 80)).isTrue();
    assertThat(policy.allows(METADATA, 80)).isFalse();
    assertThat(policy.allows(IpAddress.require("fe80::1"), 80)).isFalse();
  }

  @Test
  void theFirstRuleThatMatchesDecides() {
    var network = new Subject.Network(Cidr.require("10.0.5.0/24"));
    var policy =
        new AddressPolicy(
            new Policy(
                List.of(
                    new Rule(Action.ALLOW, network, List.of(new PortRange(80, 90))),
                    new Rule(Action.DENY, network, List.of()),
                    new Rule(Action.ALLOW, new Subject.Any(), List.of())),
                Action.DENY));

    assertThat(policy.allows(HOST, 80)).isTrue();
    assertThat(policy.allows(HOST, 91)).isFalse();
    assertThat(policy.allows(IpAddress.require("10.0.6.1"), 91)).isTrue();
    assertThat(policy.allows(METADATA, 80)).as("any is not a permission for metadata").isFalse();
  }

  @Test
  void aRuleAboutThatAddressOpensMetadata() {
    var rule = new Rule(Action.ALLOW, new Subject.Network(Cidr.of(METADATA)), List.of());

    assertThat(new AddressPolicy(new Policy(List.of(rule), Action.DENY)).allows(METADATA, 80))
        .isTrue();
  }

  @Test
  void rulesAboutNamesNeverMatch() {
    var rule = new Rule(Action.DENY, new Subject.Hostname("**.internal"), List.of());

    assertThat(new AddressPolicy(new Policy(List.of(rule), Action.ALLOW)).allows(HOST, 80))
        .isTrue();
  }
}
