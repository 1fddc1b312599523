/**
 * Names of a private network, asked for at its far end: through a connector's virtual DNS service,
 * or of the resolvers that a service record names. {@code [T] 7.3}
 *
 * <p>{@link io.vpc4j.tunnel.dns.DnsLookups} decides what is asked, when, and what the answers mean;
 * it takes messages and the time, and does no I/O. {@link io.vpc4j.tunnel.dns.DnsResolver} drives
 * it on an event loop, over whatever {@link io.vpc4j.tunnel.dns.DnsLinks} opens. Messages are those
 * of RFC 1035, read and written by Netty's codec.
 *
 * <p>Does not live here: how a stream through a tunnel is opened.
 */
package io.vpc4j.tunnel.dns;
