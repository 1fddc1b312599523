package io.vpc4j.core.routing;

import io.vpc4j.ErrorCode;
import io.vpc4j.Explanation;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.directory.Policy.Rule;
import io.vpc4j.core.directory.Policy.Subject;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a binding may reach, evaluated.
 *
 * <p>The first rule that matches decides, then the default. Twice: when a request is routed, with
 * what the URL says, and for every address a name resolves to, before it is dialled; so a name that
 * is allowed and resolves to an address that is not (DNS rebinding) is stopped. When a name is
 * routed, a rule about addresses cannot be decided yet, and neither can any behind it: they wait.
 *
 * <p>Some addresses are refused before the default, for reaching them by mistake is the classic way
 * into a cloud account: only a rule that allows just that address or prefix opens them. Loopback
 * addresses are not among them: behind a hop they are the far end's own host, where services live.
 */
final class PolicyRules implements PolicyJudge {

  /** Refused unless a rule about addresses allows them, and why. */
  private static final PrefixTable<String> BUILT_IN =
      new PrefixTable<>(
          Map.ofEntries(
              Map.entry(Cidr.require("169.254.0.0/16"), "link-local and metadata, RFC 3927"),
              Map.entry(Cidr.require("fe80::/10"), "link-local, RFC 4291"),
              Map.entry(Cidr.require("fd00:ec2::254/128"), "a cloud's metadata service"),
              Map.entry(Cidr.require("fd20:ce::254/128"), "a cloud's metadata service"),
              Map.entry(Cidr.require("100.100.100.200/32"), "a cloud's metadata service"),
              Map.entry(Cidr.require("168.63.129.16/32"), "a cloud's host agent"),
              Map.entry(Cidr.require("192.0.0.192/32"), "a cloud's metadata service"),
              Map.entry(Cidr.require("0.0.0.0/8"), "this host, RFC 1122"),
              Map.entry(Cidr.require("::/128"), "unspecified, RFC 4291"),
              Map.entry(Cidr.require("224.0.0.0/4"), "multicast, RFC 5771"),
              Map.entry(Cidr.require("ff00::/8"), "multicast, RFC 4291"),
              Map.entry(Cidr.require("255.255.255.255/32"), "broadcast, RFC 919")));

  private final Policy policy;

  PolicyRules(Policy policy) {
    this.policy = policy;
  }

  /** The verdict on what a URL says; for a name, on the name alone. */
  Verdict judge(String host, @Nullable IpAddress address, int port) {
    for (var rule : policy.rules()) {
      if (!hasPort(rule, port)) {
        continue;
      }
      if (rule.subject() instanceof Subject.Network network) {
        if (address == null) {
          return Verdict.allowed("addresses are judged once they are known");
        }
        if (network.network().contains(address)) {
          return decided(rule, ErrorCode.DESTINATION_IP_PROHIBITED);
        }
      } else if (rule.subject() instanceof Subject.Any
          || (rule.subject() instanceof Subject.Hostname hostname
              && HostnameTable.matches(hostname.pattern(), host))) {
        var verdict = decided(rule, ErrorCode.HTTP_REQUEST_DENIED);
        return verdict.allowed() ? builtIn(address).orElse(verdict) : verdict;
      }
    }
    return builtIn(address).orElseGet(() -> byDefault(address));
  }

  @Override
  public void check(String host, IpAddress address, int port) throws VpcException {
    var verdict = judge(host, address, port);
    if (!verdict.allowed()) {
      throw verdict.failure(
          host.equals(address.toString()) ? host : host + ", which is " + address + ",");
    }
  }

  private Verdict byDefault(@Nullable IpAddress address) {
    return policy.otherwise() == Action.ALLOW
        ? Verdict.allowed("default")
        : new Verdict(
            false,
            "default",
            address == null ? ErrorCode.HTTP_REQUEST_DENIED : ErrorCode.DESTINATION_IP_PROHIBITED);
  }

  private static Optional<Verdict> builtIn(@Nullable IpAddress address) {
    if (address == null) {
      return Optional.empty();
    }
    var why = BUILT_IN.find(address);
    return why == null
        ? Optional.empty()
        : Optional.of(new Verdict(false, "built-in: " + why, ErrorCode.DESTINATION_IP_PROHIBITED));
  }

  private static Verdict decided(Rule rule, ErrorCode whenDenied) {
    var name =
        rule.action().name().toLowerCase(Locale.ROOT)
            + " "
            + rule.subject()
            + (rule.ports().isEmpty() ? "" : " ports " + rule.ports());
    return new Verdict(rule.action() == Action.ALLOW, name, whenDenied);
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

  /**
   * What the rules say.
   *
   * @param rule the one that decided
   * @param whenDenied what a denial is called
   */
  record Verdict(boolean allowed, String rule, ErrorCode whenDenied) {

    private static final Verdict BY_DEFAULT =
        new Verdict(true, "default", ErrorCode.HTTP_REQUEST_DENIED);

    static Verdict allowed(String rule) {
      return rule.equals("default")
          ? BY_DEFAULT
          : new Verdict(true, rule, ErrorCode.HTTP_REQUEST_DENIED);
    }

    VpcException failure(String subject) {
      return new VpcException(
          whenDenied,
          Stage.ROUTE,
          "The policy denies "
              + subject
              + " by the rule \""
              + rule
              + "\". To allow it, put a rule that does before that one.");
    }

    Explanation.Policy explained() {
      return new Explanation.Policy(allowed, rule);
    }
  }
}
