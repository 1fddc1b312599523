package io.vpc4j.mesh.netstack;

import io.vpc4j.mesh.netstack.tcp.TcpLimits;
import io.vpc4j.mesh.netstack.tcp.TcpSettings;

/**
 * Bounds and habits of a stack.
 *
 * @param mtuOctets the longest inner packet, 1,280 to 65,000; 1,420 by default: an outer IPv6
 *     packet of 1,500 octets less its header, UDP's and WireGuard's
 * @param maxFlows TCP connections, UDP sockets and pings at once; 65,536 by default. One more is
 *     refused
 * @param maxOffers flows to a node's routes that wait for its decision; 1,024 by default. One more
 *     is dropped, and its sender asks again
 * @param tcp of every connection that says nothing else
 * @param tcpLimits of all connections together
 */
public record NetstackSettings(
    int mtuOctets, int maxFlows, int maxOffers, TcpSettings tcp, TcpLimits tcpLimits) {

  /** WireGuard's customary inner MTU. */
  public static final int DEFAULT_MTU_OCTETS = 1_420;

  /** Checks the MTU: less than 1,280 is no link for IPv6. RFC 8200 5 */
  public NetstackSettings {
    if (mtuOctets < 1_280 || mtuOctets > 65_000) {
      throw new IllegalArgumentException("the MTU must be 1280 to 65000, not " + mtuOctets);
    }
    if (maxFlows < 1 || maxOffers < 1) {
      throw new IllegalArgumentException("bounds must be 1 or more");
    }
  }

  /** The defaults given above. */
  public static NetstackSettings defaults() {
    return new NetstackSettings(
        DEFAULT_MTU_OCTETS, 65_536, 1_024, TcpSettings.defaults(), TcpLimits.defaults());
  }

  /** With another MTU. */
  public NetstackSettings withMtu(int octets) {
    return new NetstackSettings(octets, maxFlows, maxOffers, tcp, tcpLimits);
  }

  /** With other habits of TCP. */
  public NetstackSettings withTcp(TcpSettings settings) {
    return new NetstackSettings(mtuOctets, maxFlows, maxOffers, settings, tcpLimits);
  }
}
