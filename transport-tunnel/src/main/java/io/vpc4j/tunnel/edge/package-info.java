/**
 * Who is connected: registration, replicas, the choice of a connection, drain.
 *
 * <p>Sees connections as {@link io.vpc4j.tunnel.carrier.EdgeCarrier}s and knows no frame and no
 * packet. {@link io.vpc4j.tunnel.edge.PrivateAuthority} has the certificate that connectors are
 * shown.
 */
package io.vpc4j.tunnel.edge;
