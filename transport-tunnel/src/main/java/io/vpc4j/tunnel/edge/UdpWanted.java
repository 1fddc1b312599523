package io.vpc4j.tunnel.edge;

import io.vpc4j.core.net.IpAddress;
import java.util.function.Predicate;

/**
 * Where a UDP session is to lead, and through which connector.
 *
 * @param port 0 to 65,535
 * @param fits which connections may be asked
 */
public record UdpWanted(IpAddress address, int port, Predicate<EdgeConnection> fits) {

  /** Through any connector. */
  public static UdpWanted ofAny(IpAddress address, int port) {
    return new UdpWanted(address, port, connection -> true);
  }
}
