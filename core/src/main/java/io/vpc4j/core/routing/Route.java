package io.vpc4j.core.routing;

import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.spi.NextHop;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Where one request goes, decided before anything is dialled.
 *
 * @param hop who carries it
 * @param host what is dialled: a name in lower case, or an address as text (IPv6 without brackets)
 * @param addresses what {@code host} is known to be; empty for a name that the hop must resolve
 * @param port what is dialled
 * @param resolverIps who resolves the name, behind the hop; empty for the hop's own resolver
 * @param tls how TLS is verified, should the URL ask for it
 * @param policy asked again for every address a name resolves to, before it is dialled
 */
public record Route(
    NextHop hop,
    String host,
    List<IpAddress> addresses,
    int port,
    List<InetSocketAddress> resolverIps,
    TlsSettings tls,
    PolicyJudge policy) {

  /** {@code host:port}, an IPv6 address in brackets. */
  public String destination() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
