/**
 * What every engine of the tunnel reads and refuses: immutable octets, and the one exception for
 * octets that are not what they claim to be.
 *
 * <p>Knows no protocol. Section numbers in the packages beside this one, written {@code [T] 5.1},
 * are those of the project's page on the protocol between {@code cloudflared} and its edge.
 */
package io.vpc4j.tunnel.octets;
