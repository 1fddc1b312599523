/**
 * What the edge asks of a connector's own service: its metrics, its host, its log. [T] 7.8
 *
 * <p>{@code [T]} is the protocol of {@code cloudflared} as observed. The service is answered inside
 * the connector, before its ingress rules, at a host name of its own; whoever asks shows a token,
 * of which it reads the claims and leaves the signature to the edge.
 *
 * <p>{@link io.vpc4j.tunnel.management.ManagementRequests} asks; the other classes are its tools.
 * Everything of one request happens on the event loop of its connection.
 */
package io.vpc4j.tunnel.management;
