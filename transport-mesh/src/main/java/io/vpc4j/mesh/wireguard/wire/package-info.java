/**
 * WireGuard's four messages: where each field lies. No keys, no clock, no state. [W] 5.4
 *
 * <p>Every message is read and written in place, in an array: the handshake seals and hashes ranges
 * of it as it goes, and a data packet is never copied. Each class draws its message and holds the
 * offsets; {@link io.vpc4j.mesh.wireguard.wire.MessageType#of} proves the length first, after which
 * no accessor can fail.
 *
 * <p>Does not live here: deciding whether a message is welcome.
 */
package io.vpc4j.mesh.wireguard.wire;
