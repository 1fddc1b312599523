/**
 * What a UDP socket holds: datagrams that came and were not read yet, and those that wait to be
 * sent; and how a port is chosen. RFC 768, RFC 6056, RFC 8085
 *
 * <p>Finding the socket of a datagram is the business of the room above.
 */
package io.vpc4j.mesh.netstack.udp;
