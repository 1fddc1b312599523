package io.vpc4j.tunnel.session;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A payload that came for a session.
 *
 * @param payload a view of the datagram: good for as long as that is
 */
public record Received(UUID sessionId, ByteBuffer payload) {}
