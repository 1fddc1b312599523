package io.vpc4j.mesh;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.netstack.tcp.IcmpError;
import java.net.NoRouteToHostException;

/** A router or the host itself said, by an ICMP error, that an echo request goes nowhere. */
public final class PingRefusedException extends NoRouteToHostException {

  private static final long serialVersionUID = 1;

  private final transient IpAddress from;
  private final String reason;

  PingRefusedException(IpAddress to, IpAddress from, IcmpError error) {
    super(to + " is unreachable: " + from + " says so");
    this.from = from;
    this.reason = reason(error);
  }

  /** In the words of ping(8). */
  private static String reason(IcmpError error) {
    return switch (error) {
      case NET_UNREACHABLE -> "Destination Net Unreachable";
      case HOST_UNREACHABLE -> "Destination Host Unreachable";
      case PROTOCOL_UNREACHABLE -> "Destination Protocol Unreachable";
      case PORT_UNREACHABLE -> "Destination Port Unreachable";
      case PROHIBITED -> "Destination Host Prohibited";
      case TIME_EXCEEDED -> "Time to live exceeded";
      case PARAMETER_PROBLEM -> "Parameter problem";
    };
  }

  /** Who said so. */
  public IpAddress from() {
    return from;
  }

  /** Why, as ping(8) prints it: {@code Destination Host Unreachable}. */
  public String reason() {
    return reason;
  }
}
