/**
 * Datagrams of a tunnel over QUIC: UDP payloads and ICMP packets, in the two layouts there are.
 *
 * <p>{@link io.vpc4j.tunnel.stream.datagram.DatagramV2} puts everything at the end, {@link
 * io.vpc4j.tunnel.stream.datagram.DatagramV3} at the front. Which one a connector speaks is told by
 * its features, v3 first ({@code [T] 4.10}). What an edge may send is a type of its own in each,
 * because a connector goes down with its connection on some of the rest ({@code [T] 9}, trap 17).
 *
 * <p>Payloads are views of the buffer that was read: they are good for as long as that is.
 *
 * <p>Does not live here: which sessions there are.
 */
package io.vpc4j.tunnel.stream.datagram;
