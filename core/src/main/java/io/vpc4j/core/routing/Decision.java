package io.vpc4j.core.routing;

import io.vpc4j.VpcException;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.spi.NextHop;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the tables say of one destination, before policy: enough to route by, and to explain.
 *
 * @param hop who carries it; null if nobody does
 * @param host what is dialled, as {@link Route#host}
 * @param addresses as {@link Route#addresses}
 * @param port as {@link Route#port}
 * @param resolverIps as {@link Route#resolverIps}
 * @param matched the route that won, as the directory has it; empty if none did
 * @param reason why it won, or why none did
 * @param failure what {@code fetch} throws; null if it would go on
 */
record Decision(
    @Nullable NextHop hop,
    String host,
    List<IpAddress> addresses,
    int port,
    List<InetSocketAddress> resolverIps,
    String matched,
    String reason,
    @Nullable VpcException failure) {

  static Decision to(NextHop hop, Destination destination, String matched, String reason) {
    return new Decision(
        hop,
        destination.host,
        destination.addresses,
        destination.port,
        destination.resolverIps,
        matched,
        reason,
        null);
  }

  static Decision refused(Destination destination, String reason, VpcException failure) {
    return new Decision(
        null,
        destination.host,
        destination.addresses,
        destination.port,
        List.of(),
        "",
        reason,
        failure);
  }

  /** The address, if the host is one. */
  @Nullable IpAddress address() {
    return addresses.size() == 1 && addresses.get(0).toString().equals(host)
        ? addresses.get(0)
        : null;
  }

  /**
   * What is dialled.
   *
   * @param host a name in lower case, or an address as text without brackets
   * @param addresses what it is known to be
   */
  record Destination(
      String host, List<IpAddress> addresses, int port, List<InetSocketAddress> resolverIps) {

    /** What a URL or an address for {@code connect} names. */
    static Destination of(String host, int port) {
      var address = IpAddress.parse(host);
      return address
          .map(ip -> new Destination(ip.toString(), List.of(ip), port, List.of()))
          .orElseGet(() -> new Destination(HostnameTable.normal(host), List.of(), port, List.of()));
    }

    Destination knownAs(List<IpAddress> known) {
      return new Destination(host, known, port, resolverIps);
    }

    Destination resolvedBy(List<InetSocketAddress> resolvers) {
      return new Destination(host, addresses, port, resolvers);
    }
  }
}
