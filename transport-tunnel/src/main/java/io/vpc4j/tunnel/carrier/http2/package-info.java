/**
 * Connections over TCP, TLS and HTTP/2, for both ends. [T] 3
 *
 * <p>Whoever accepted the TCP connection, the edge, is the client of HTTP/2. {@link
 * io.vpc4j.tunnel.carrier.http2.Multiplexer} has the frames and serves either role, {@link
 * io.vpc4j.tunnel.carrier.http2.StreamChannel} is one stream as a channel of octets; {@code
 * RequestHead}, {@code ResponseHead} and {@code SerializedHeaders} turn heads into the messages
 * they stand for. What is seen outside is {@link io.vpc4j.tunnel.carrier.http2.Http2EdgeListener}.
 */
package io.vpc4j.tunnel.carrier.http2;
