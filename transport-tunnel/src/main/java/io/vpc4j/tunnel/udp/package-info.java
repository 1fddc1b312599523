/**
 * UDP through a tunnel at the edge: a channel for each session of a connection. {@code [T] 4.7,
 * 4.9, 4.10}
 *
 * <p>{@link io.vpc4j.tunnel.udp.UdpSessions} drives the engine of {@code io.vpc4j.tunnel.session}
 * on a carrier's loop; {@link io.vpc4j.tunnel.udp.UdpSessionChannel} is what the user of a session
 * has.
 *
 * <p>Does not live here: which connection is chosen for a session.
 */
package io.vpc4j.tunnel.udp;
