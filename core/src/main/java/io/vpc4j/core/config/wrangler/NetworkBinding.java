package io.vpc4j.core.config.wrangler;

import io.vpc4j.NetworkTarget;

/**
 * One item of {@code vpc_networks}.
 *
 * @param name the binding's name; wrangler lets anything pass, the empty string included
 * @param target what it points at
 * @param remote whether it reaches the real network
 * @param line where it stands, from 1
 * @param column where it stands, from 1
 */
public record NetworkBinding(
    String name, NetworkTarget target, RemoteFlag remote, int line, int column) {}
