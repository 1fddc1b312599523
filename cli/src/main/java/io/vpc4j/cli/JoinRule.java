package io.vpc4j.cli;

import io.vpc4j.core.directory.Policy.Action;
import io.vpc4j.core.directory.Policy.PortRange;
import io.vpc4j.core.directory.Policy.Rule;
import io.vpc4j.core.directory.Policy.Subject;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import java.util.List;
import java.util.regex.Pattern;

/** A rule as {@code mesh join} is told it: {@code CIDR[:PORT]}, {@code [CIDR]:PORT} for IPv6. */
final class JoinRule {

  private static final Pattern WITH_PORT =
      Pattern.compile("(?:\\[([^\\]]+)]|([^:]+)):(\\d{1,5})(?:-(\\d{1,5}))?");

  private JoinRule() {}

  static Rule parse(Action action, String text) throws Failure {
    try {
      var matcher = WITH_PORT.matcher(text);
      if (!matcher.matches()) {
        return new Rule(action, subject(text.replaceAll("^\\[(.*)]$", "$1")), List.of());
      }
      var network = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
      var from = Integer.parseInt(matcher.group(3));
      var to = matcher.group(4) == null ? from : Integer.parseInt(matcher.group(4));
      return new Rule(action, subject(network), List.of(new PortRange(from, to)));
    } catch (IllegalArgumentException e) {
      throw new Failure(
          ExitCode.USAGE,
          "--"
              + (action == Action.ALLOW ? "allow" : "deny")
              + " wants CIDR[:PORT], such as 10.0.5.42:5432, 10.0.5.0/24:8000-8999 or"
              + " [fd00::/64]:80, not \""
              + Table.shown(text)
              + "\".");
    }
  }

  private static Subject subject(String network) {
    var address = IpAddress.parse(network);
    return new Subject.Network(
        address.isPresent() ? Cidr.of(address.orElseThrow()) : Cidr.require(network));
  }
}
