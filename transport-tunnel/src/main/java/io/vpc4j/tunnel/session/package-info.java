/**
 * UDP sessions over a QUIC connection, at both ends and in both versions of the datagrams. {@code
 * [T] 4.7, 4.9, 4.10}
 *
 * <p>{@link io.vpc4j.tunnel.session.EdgeSessions} opens sessions and sends through them, {@link
 * io.vpc4j.tunnel.session.ConnectorSessions} answers and has a socket for each. Engines: datagrams,
 * outcomes of calls and the time go in; datagrams, calls and news come out. One of them per
 * connection, driven by its loop.
 *
 * <p>Does not live here: sockets, channels, and RPC itself.
 */
package io.vpc4j.tunnel.session;
