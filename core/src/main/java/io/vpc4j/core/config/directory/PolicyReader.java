package io.vpc4j.core.config.directory;

import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.directory.Policy.PortRange;
import io.vpc4j.core.directory.Policy.Rule;
import io.vpc4j.core.directory.Policy.Subject;
import io.vpc4j.core.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code policy}: rules as {@code {"allow": "10.0.0.0/8", "ports": [443, "8000-8999"]}}.
 *
 * <p>A subject is {@code *}, a prefix or an address, or a host pattern ({@code *.} for one more
 * label, {@code **.} for one or more). Several subjects in a list are as many rules, in order.
 */
final class PolicyReader {

  /** Looks like an address or a prefix, and so is not to be taken for a name. */
  private static final Pattern NUMERIC = Pattern.compile("[0-9.]+(/.*)?|.*:.*|.*/.*");

  private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})-([0-9]{1,5})");

  private PolicyReader() {}

  /** What {@code owner} says of policy, or the built-in one. */
  static Policy read(Section owner) {
    return owner.section("policy", Shape.POLICY).map(PolicyReader::policy).orElse(Policy.BUILT_IN);
  }

  /**
   * A policy of packets, which have addresses and nothing else to go by.
   *
   * @return empty, and the problem noted, if a rule is about names or ports
   */
  static Optional<Policy> ofPackets(Item item) {
    return item.section(Shape.POLICY)
        .map(PolicyReader::policy)
        .filter(
            policy -> {
              var strange =
                  policy.rules().stream()
                      .anyMatch(
                          rule ->
                              !rule.ports().isEmpty()
                                  || rule.subject() instanceof Subject.Hostname);
              if (strange) {
                item.error(
                    "a hub looks at the addresses of packets: its rules have prefixes or \"*\", and"
                        + " no names or ports");
              }
              return !strange;
            });
  }

  private static Policy policy(Section section) {
    var otherwise =
        section
            .field("default")
            .flatMap(item -> item.choice(Action.class))
            .orElse(Policy.BUILT_IN.otherwise());
    var rules = new ArrayList<Rule>();
    for (var item : section.items("rules")) {
      item.section(Shape.RULE).ifPresent(rule -> rules.addAll(rules(rule)));
    }
    return new Policy(rules, otherwise);
  }

  private static List<Rule> rules(Section section) {
    var allows = section.has("allow");
    if (allows == section.has("deny")) {
      section.error("must have either \"allow\" or \"deny\"");
      return List.of();
    }
    var action = allows ? Action.ALLOW : Action.DENY;
    var subjects = section.oneOrMore(allows ? "allow" : "deny");
    var ports = new ArrayList<PortRange>();
    section.oneOrMore("ports").forEach(item -> portRange(item).ifPresent(ports::add));
    var rules = new ArrayList<Rule>();
    for (var item : subjects) {
      subject(item).ifPresent(subject -> rules.add(new Rule(action, subject, ports)));
    }
    return rules;
  }

  private static Optional<Subject> subject(Item item) {
    return item.text().flatMap(text -> subject(item, text));
  }

  private static Optional<Subject> subject(Item item, String text) {
    if (text.equals("*")) {
      return Optional.of(new Subject.Any());
    }
    if (IpAddress.parse(text).isPresent() || NUMERIC.matcher(text).matches()) {
      return item.cidr().map(Subject.Network::new);
    }
    var suffix = text.startsWith("**.") ? text.substring(3) : text;
    return item.hostname(
            text.startsWith("**.")
                ? pattern -> Names.complaints(suffix)
                : Names::wildcardComplaints)
        .map(Subject.Hostname::new);
  }

  private static Optional<PortRange> portRange(Item item) {
    if (!item.isText()) {
      return item.integer(0, 65_535).map(port -> new PortRange(port, port));
    }
    var text = item.text().orElseThrow();
    var matcher = RANGE.matcher(text);
    var from = matcher.matches() ? Endpoints.port(matcher.group(1)) : Endpoints.port(text);
    var to = matcher.matches() ? Endpoints.port(matcher.group(2)) : from;
    if (from < 0 || to < from) {
      item.error("must be a port, 0 to 65535, or a range such as \"8000-8999\"");
      return Optional.empty();
    }
    return Optional.of(new PortRange(from, to));
  }
}
