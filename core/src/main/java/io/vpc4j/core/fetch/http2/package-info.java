/**
 * HTTP/2 on a channel: many exchanges at once, each a stream. RFC 9113
 *
 * <p>Frames, HPACK and flow control are Netty's; which stream is whose, what its fields mean, and
 * how much of it is held are ours. Read {@link io.vpc4j.core.fetch.http2.Http2Connection} first.
 */
package io.vpc4j.core.fetch.http2;
