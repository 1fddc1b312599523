package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.IcmpError.Severity.HARD;
import static io.vpc4j.mesh.netstack.tcp.IcmpError.Severity.SOFT;

/**
 * What ICMP or ICMPv6 said about one of our segments. RFC 9293 3.9.2.2
 *
 * <p>The severity decides only while our SYN is out: then a hard error ends the attempt at once, a
 * soft one the second time it comes (RFC 5461 4.1). An established connection outlives all of them,
 * as RFC 5927 5.2 has it: anybody who guesses a port could end it otherwise.
 */
public enum IcmpError {
  /** Destination unreachable, code 0; ICMPv6 code 0, no route. */
  NET_UNREACHABLE(SOFT),
  /** Destination unreachable, code 1; ICMPv6 code 3. */
  HOST_UNREACHABLE(SOFT),
  /** Destination unreachable, code 2. */
  PROTOCOL_UNREACHABLE(HARD),
  /** Destination unreachable, code 3; ICMPv6 code 4. */
  PORT_UNREACHABLE(HARD),
  /** Destination unreachable, codes 9, 10 and 13; ICMPv6 codes 1, 5 and 6. */
  PROHIBITED(HARD),
  /** Time exceeded. */
  TIME_EXCEEDED(SOFT),
  /** Parameter problem. */
  PARAMETER_PROBLEM(SOFT);

  enum Severity {
    SOFT,
    HARD
  }

  final Severity severity;

  IcmpError(Severity severity) {
    this.severity = severity;
  }
}
