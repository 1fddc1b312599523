/**
 * What a connector says of itself through its own tunnel, to whoever its edge lets ask: a host name
 * that is answered here, before any rule of its ingress. {@code [C]} 7.8 is the service of {@code
 * cloudflared} as observed, whose paths, words and codes these are.
 *
 * <p>{@link io.vpc4j.tunnel.connector.manage.ManagementService} answers requests; {@link
 * io.vpc4j.tunnel.connector.manage.LogSession} is one WebSocket on which the log is streamed,
 * {@link io.vpc4j.tunnel.connector.manage.LogStreams} knows which one that is.
 *
 * <p>The token's signature is not checked here, as it is not by the original: the edge does, since
 * it alone can ask.
 */
package io.vpc4j.tunnel.connector.manage;
