/**
 * How a connector says how it stands: the paths, the fields and the metrics of {@code cloudflared},
 * so that what watches one can watch the other. {@code [C]} 8 is its protocol as observed.
 */
package io.vpc4j.tunnel.connector.monitor;
