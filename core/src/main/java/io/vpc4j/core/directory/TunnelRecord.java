package io.vpc4j.core.directory;

import io.vpc4j.core.net.Secret;
import java.util.Optional;

/**
 * A tunnel that connectors may register for.
 *
 * @param tunnelId a UUID
 * @param name for people; unique
 * @param tunnelSecret the octets that a connector must show, at least 32; empty where none may
 *     register
 */
public record TunnelRecord(String tunnelId, String name, Optional<Secret> tunnelSecret) {}
