/**
 * The entrance: one port through which programs that are not this one reach a binding.
 *
 * <p>From the outside in: {@link io.vpc4j.core.entrance.EntranceServer} accepts and counts; {@code
 * Threshold} looks at the first octet; a door ({@code Socks5Door}, {@code Socks4Door}, {@code
 * HttpDoor}) learns where the client wants to go and dials through a {@link
 * io.vpc4j.core.entrance.Way}; {@code Relay} carries octets from then on.
 *
 * <p>Nothing here knows a transport or a route. Nothing buffers a body: a side is asked for more
 * when the other has taken what came.
 *
 * <p>Sources: RFC 1928 and 1929 (SOCKS5), RFC 9110 and 9112 (HTTP, {@code CONNECT}, hop-by-hop
 * fields), RFC 9209 ({@code Proxy-Status}), and the remote-binding protocol of Miniflare as its
 * clients speak it.
 */
package io.vpc4j.core.entrance;
