package io.vpc4j.core.directory;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.spi.NextHop;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A fixed target, in the shape of the hosted product's record.
 *
 * @param serviceId a UUID
 * @param name for people; unique
 * @param type what it speaks
 * @param host where it is
 * @param hop who carries it: the record's {@code network} or {@code resolver_network}
 * @param ports which ports it has
 * @param tlsSettings how TLS is verified
 */
public record ServiceRecord(
    String serviceId,
    String name,
    Type type,
    Host host,
    NextHop hop,
    Ports ports,
    TlsSettings tlsSettings) {

  /** What a service speaks. */
  public enum Type {
    /** http and https, by {@code fetch}. */
    HTTP,
    /** Octets, by {@code connect}. */
    TCP
  }

  /** Where a service is: addresses or a name, never both. */
  public sealed interface Host {

    /**
     * One IPv4 address, one IPv6 address, or both.
     *
     * @param addresses at least one, in the order to be tried
     */
    record Addresses(List<IpAddress> addresses) implements Host {
      /** Copies and checks. */
      public Addresses {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
          throw new IllegalArgumentException("a service needs an address");
        }
      }
    }

    /**
     * A name.
     *
     * @param hostname in lower case, without a final dot
     * @param resolverIps who is asked, behind the hop; empty for the hop's own resolver
     */
    record Hostname(String hostname, List<InetSocketAddress> resolverIps) implements Host {
      /** Copies. */
      public Hostname {
        resolverIps = List.copyOf(resolverIps);
      }
    }
  }

  /**
   * The ports. For type http: one at least; if only one is there, only that scheme is served. For
   * type tcp: {@code tcp} alone.
   *
   * @param http for http URLs
   * @param https for https URLs
   * @param tcp for {@code connect}
   * @param appProtocol {@code postgresql} or {@code mysql}; tcp only
   */
  public record Ports(
      OptionalInt http, OptionalInt https, OptionalInt tcp, Optional<String> appProtocol) {}
}
