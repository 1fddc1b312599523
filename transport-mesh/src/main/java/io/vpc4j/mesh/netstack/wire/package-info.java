/**
 * What the protocols of the stack have on the wire: the headers of IP, UDP and ICMP, the Internet
 * checksum and the ECN field. No state, no time.
 *
 * <p>A packet is a heap {@link java.nio.ByteBuffer}, big-endian, from its position to its limit.
 * {@link io.vpc4j.mesh.netstack.wire.IpPacket} is a view that is laid over one packet after the
 * other; once {@link io.vpc4j.mesh.netstack.wire.IpPacket#read} has said that a packet is whole, no
 * accessor can fail. Addresses are two words, as in {@link io.vpc4j.core.net.IpAddress}, so that
 * none is an object on the way of a packet.
 *
 * <p>Does not live here: deciding whether a packet is welcome; and TCP's header, which is beside
 * TCP's engine.
 */
@NullMarked
package io.vpc4j.mesh.netstack.wire;

import org.jspecify.annotations.NullMarked;
