package io.vpc4j.tunnel.connector.config;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which destinations of the private network may be dialled: {@code warp-routing.ipRules}.
 *
 * <p>The first rule that matches decides; if there are rules and none matches, the answer is no.
 * With no rules at all everything may be dialled, as with {@code cloudflared}, which has none:
 * there the edge alone decides. The form of a rule is the one {@code cloudflared} has for its SOCKS
 * service. [C] 7.1, 7.8
 *
 * @param rules in order
 */
public record FlowRules(List<Rule> rules) {

  /** Everything may be dialled. */
  public static final FlowRules NONE = new FlowRules(List.of());

  private static final int MAX_RULES = 1_000;

  /** What a rule says. */
  public enum Verdict {
    /** It may be dialled. */
    ALLOW,
    /** It may not. */
    DENY
  }

  /**
   * One rule.
   *
   * @param prefix which addresses
   * @param ports which ports; empty for all
   * @param verdict what it says
   */
  public record Rule(Cidr prefix, Set<Integer> ports, Verdict verdict) {
    /** Copies. */
    public Rule {
      ports = Set.copyOf(ports);
    }

    private boolean matches(IpAddress address, int port) {
      return prefix.contains(address) && (ports.isEmpty() || ports.contains(port));
    }
  }

  /** Copies. */
  public FlowRules {
    rules = List.copyOf(rules);
  }

  static FlowRules read(List<Section> sections) throws ConfigException {
    if (sections.size() > MAX_RULES) {
      throw new ConfigException(sections.get(0).place(), "more than " + MAX_RULES + " ipRules");
    }
    var rules = new ArrayList<Rule>();
    for (var section : sections) {
      rules.add(
          new Rule(
              prefix(section),
              Set.copyOf(section.numbers("ports", 65_535)),
              section.flag("allow", false) ? Verdict.ALLOW : Verdict.DENY));
    }
    return new FlowRules(rules);
  }

  private static Cidr prefix(Section section) throws ConfigException {
    try {
      return Cidr.require(section.text("prefix"));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          section.place("prefix"), "prefix must be such as 10.0.0.0/8: " + e.getMessage());
    }
  }

  /** Whether {@code address:port} may be dialled. */
  public boolean allows(IpAddress address, int port) {
    for (var rule : rules) {
      if (rule.matches(address, port)) {
        return rule.verdict() == Verdict.ALLOW;
      }
    }
    return rules.isEmpty();
  }
}
