package io.vpc4j.tunnel.carrier;

import java.util.Optional;

/**
 * What a connector made of a pushed configuration.
 *
 * @param lastAppliedVersion the one it runs now; -1 before any
 * @param error why it did not take the one that was pushed; over HTTP/2 there is no text ([T] 3.6),
 *     and it says so
 */
public record ConfigurationOutcome(int lastAppliedVersion, Optional<String> error) {}
