package io.vpc4j.core.config.wrangler;

/**
 * One item of {@code vpc_services}.
 *
 * @param name the binding's name; wrangler lets anything pass, the empty string included
 * @param serviceId the record of the directory it points at; a UUID in practice
 * @param remote whether it reaches the real network
 * @param line where it stands, from 1
 * @param column where it stands, from 1
 */
public record ServiceBinding(
    String name, String serviceId, RemoteFlag remote, int line, int column) {}
