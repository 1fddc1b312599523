/**
 * The fetch engine: HTTP over any channel.
 *
 * <p>Specification tags: RFC 9110 (semantics), RFC 9112 (HTTP/1.1), RFC 9113 (HTTP/2), RFC 6455
 * (WebSocket), and [F] the Fetch standard.
 */
package io.vpc4j.core.fetch;
