package io.vpc4j.core.fetch.exchange;

import io.vpc4j.Headers;

/**
 * The head of a final response. Immutable; a connection may hand out the same one twice.
 *
 * @param status 101, or 200 to 599
 * @param reason the reason phrase; empty where there is none
 * @param headers the fields as they came
 * @param version {@code HTTP/1.1}, {@code HTTP/1.0} or {@code HTTP/2}
 */
public record ResponseHead(int status, String reason, Headers headers, String version) {}
