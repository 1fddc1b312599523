/**
 * A connector: dials edges, registers, and serves what they ask for. [C] 6
 *
 * <p>{@link io.vpc4j.tunnel.connector.ConnectorRuntime} does what the {@link
 * io.vpc4j.tunnel.connector.supervise.Supervisor} wants done; {@link
 * io.vpc4j.tunnel.connector.Link} is one connection to an edge. The rooms behind it: {@code config}
 * has what is configured, {@code serve} the private network.
 *
 * <p>{@code [C]} is the protocol of {@code cloudflared} as observed.
 */
package io.vpc4j.tunnel.connector;
