package io.vpc4j.core.fetch.pool;

import io.vpc4j.Request.Http;
import io.vpc4j.Url;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.routing.Route;
import io.vpc4j.core.spi.NextHop;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What makes two connections interchangeable: what is dialled, and what is agreed before the first
 * request.
 *
 * <p>Made from the route, not from the URL. A service binding dials its record whatever the URL
 * says; the URL's host still decides what the certificate is checked against, so over TLS it is
 * part of the key, and two hosts never share a connection. When the directory changes, new routes
 * make new keys, and the old connections idle out.
 *
 * @param hop who carries it
 * @param host what is dialled
 * @param addresses what the host is known to be; empty if the hop resolves it
 * @param port what is dialled
 * @param resolverIps who resolves it
 * @param secure whether TLS is spoken
 * @param tls how it is verified; {@link TlsSettings#DEFAULT} where it is not spoken
 * @param serverName what the certificate must match; empty where TLS is not spoken
 * @param wish which HTTP; never {@link Http#NEGOTIATE} where TLS is not spoken
 */
public record PoolKey(
    NextHop hop,
    String host,
    List<IpAddress> addresses,
    int port,
    List<InetSocketAddress> resolverIps,
    boolean secure,
    TlsSettings tls,
    String serverName,
    Http wish) {

  /** The key of a request to {@code url} that goes by {@code route}. */
  public static PoolKey of(Route route, Url url, Http wish) {
    var secure = url.secure();
    return new PoolKey(
        route.hop(),
        route.host(),
        route.addresses(),
        route.port(),
        route.resolverIps(),
        secure,
        secure ? route.tls() : TlsSettings.DEFAULT,
        secure ? url.host() : "",
        !secure && wish == Http.NEGOTIATE ? Http.HTTP_1_1 : wish);
  }

  /** Host, port and name say enough; the rest is for {@link #equals}. */
  @Override
  public int hashCode() {
    return ((host.hashCode() * 31 + port) * 31 + serverName.hashCode()) * 31 + wish.hashCode();
  }
}
