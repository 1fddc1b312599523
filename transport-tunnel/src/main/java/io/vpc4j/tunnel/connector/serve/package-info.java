/**
 * What a connector does with the streams an edge opens: TCP to the private network, requests to
 * origins.
 *
 * <p>{@code [C]} is the protocol of {@code cloudflared} as observed: requests and answers (4.3),
 * the end of streams (4.4, 4.5), the private network (7).
 *
 * <p>{@link io.vpc4j.tunnel.connector.serve.Serving} is where a stream comes in. Everything of one
 * stream happens on the event loop of its carrier, the connection to the origin included.
 */
package io.vpc4j.tunnel.connector.serve;
