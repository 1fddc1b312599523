package io.vpc4j.tunnel.dns;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * A name, and who is asked for it: the same name means another host elsewhere.
 *
 * @param tunnelId through which tunnel
 * @param servers the resolvers behind it; empty for the connector's own, by {@link VirtualDns}
 * @param name in lower case, without a final dot
 */
public record DnsName(String tunnelId, List<InetSocketAddress> servers, String name) {

  /**
   * Copies the list, and brings the name into its form.
   *
   * @throws IllegalArgumentException if it is no name of DNS
   */
  public DnsName {
    servers = List.copyOf(servers);
    name = DnsMessages.name(name);
  }
}
