package io.vpc4j.mesh;

import java.time.Duration;

/**
 * The reply to an echo request. RFC 792, RFC 4443 4.2
 *
 * @param roundTrip from the request to the reply; the first to a peer may have waited for a
 *     handshake
 * @param hopLimit the reply's TTL as it came, 0 to 255
 */
public record PingReply(Duration roundTrip, int hopLimit) {}
