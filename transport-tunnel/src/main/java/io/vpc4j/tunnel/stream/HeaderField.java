package io.vpc4j.tunnel.stream;

/**
 * One field of HTTP. A character is an octet, U+0000 to U+00FF, so that what a server sent in
 * another encoding passes unchanged. RFC 9110 5.5
 *
 * @param name as it was sent; case does not matter
 * @param value its value
 */
public record HeaderField(String name, String value) {}
