/**
 * How a stream of a tunnel begins: signatures, {@link io.vpc4j.tunnel.stream.ConnectRequest} and
 * {@link io.vpc4j.tunnel.stream.ConnectResponse}; and the headers that HTTP/2 carries inside one.
 *
 * <p>{@code [T]} with a section cites the protocol between {@code cloudflared} and its edge. Octets
 * to values and back; what follows the beginning of a stream is not looked at. A decoder takes
 * octets as they come and leaves what follows where it is.
 *
 * <p>Does not live here: RPC, which follows on some streams, and datagrams.
 */
package io.vpc4j.tunnel.stream;
