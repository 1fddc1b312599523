/**
 * WireGuard as a machine that somebody else drives: datagrams, packets, calls and the time go in;
 * datagrams, packets, events and a deadline come out. No socket, thread, lock, clock or random
 * source. [W]
 *
 * <p>{@link io.vpc4j.mesh.wireguard.WireGuard} is the whole surface; read it first, then {@link
 * io.vpc4j.mesh.wireguard.Inbound} for the way in and {@link io.vpc4j.mesh.wireguard.Outbound} for
 * the way out, {@link io.vpc4j.mesh.wireguard.Handshakes} for what makes sessions, and {@link
 * io.vpc4j.mesh.wireguard.PeerTimers} for what happens when nothing happens. Section numbers are
 * the paper's; the legend of tags is in {@link io.vpc4j.mesh.wireguard.crypto}.
 *
 * <p>Layers, each knowing only those after it: this package; {@code noise} and {@code cookie};
 * {@code wire}; {@code crypto}.
 *
 * <p>Does not live here: what a packet means beyond its addresses, and which of several peers
 * should have it when more than one could.
 */
package io.vpc4j.mesh.wireguard;
