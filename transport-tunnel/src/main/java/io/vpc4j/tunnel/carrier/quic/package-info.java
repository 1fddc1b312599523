/**
 * The tunnel over QUIC, both ends, on Netty's codec over the native library quiche.
 *
 * <p>{@link io.vpc4j.tunnel.carrier.quic.QuicEdgeListener} and {@link
 * io.vpc4j.tunnel.carrier.quic.QuicDialer} are the doors. From the socket up:
 *
 * <ul>
 *   <li>{@link io.vpc4j.tunnel.carrier.quic.BatchHandler} marks what was read together;
 *   <li>Netty's codec and its channels, which no user sees;
 *   <li>{@link io.vpc4j.tunnel.carrier.quic.QuicCarrier}, one per connection, with its {@link
 *       io.vpc4j.tunnel.carrier.quic.ConnectionWriter}, through which alone streams are written, in
 *       the order of {@link io.vpc4j.tunnel.carrier.quic.WriteOrder};
 *   <li>{@link io.vpc4j.tunnel.carrier.quic.StreamLink}, one per stream, with its {@link
 *       io.vpc4j.tunnel.carrier.quic.StreamOutput}, where alone streams end;
 *   <li>{@link io.vpc4j.tunnel.carrier.quic.CarriedStream}, the channel that users have.
 * </ul>
 *
 * <p>What the library does that this room is built around: it loses bare ends of streams ({@link
 * io.vpc4j.tunnel.carrier.quic.StreamOutput}), offers room to streams in an order that starves
 * ({@link io.vpc4j.tunnel.carrier.quic.ConnectionWriter}), never forgets a stream that did not end
 * in good order ({@link io.vpc4j.tunnel.carrier.quic.StreamLink}), and cannot send a PING.
 */
package io.vpc4j.tunnel.carrier.quic;
