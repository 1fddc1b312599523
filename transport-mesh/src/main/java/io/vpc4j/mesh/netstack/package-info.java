/**
 * Packets in, packets out: IP, ICMP, UDP and TCP put together into one machine.
 *
 * <p>Read {@link io.vpc4j.mesh.netstack.Netstack} first: what goes in, what comes out, and when to
 * come back; then {@code Inbound}, which is the way of a packet that comes in. A conversation is a
 * {@link io.vpc4j.mesh.netstack.Flow}: a TCP connection, a UDP socket, a ping that waits. Every
 * packet belongs to a <em>link</em>, a small number that stands for the peer it came from or goes
 * to, so that two peers may have the same addresses behind them.
 *
 * <p>Does not live here: sockets, threads, clocks, chance. One loop owns a stack and calls it.
 */
package io.vpc4j.mesh.netstack;
