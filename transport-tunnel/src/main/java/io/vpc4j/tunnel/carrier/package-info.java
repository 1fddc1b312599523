/**
 * What lies between a tunnel's two ends: one connection from a connector to the edge, over QUIC or
 * over HTTP/2, seen alike.
 *
 * <p>[T] in this module is the page {@code docs/tunnel.md} cites as the protocol of {@code
 * cloudflared}; its sections are given by number.
 *
 * <p>{@link io.vpc4j.tunnel.carrier.EdgeCarrier} is the edge's view, {@link
 * io.vpc4j.tunnel.carrier.ConnectorCarrier} the connector's. The two rooms below, {@code http2} and
 * {@code quic}, implement both; they are the only ones that know a frame or a packet. {@link
 * io.vpc4j.tunnel.carrier.Windows} has the flow-control windows and the bound on memory that
 * follows from them.
 *
 * <p>Does not live here: who may register, which connection a dial takes, what an origin is.
 */
package io.vpc4j.tunnel.carrier;
