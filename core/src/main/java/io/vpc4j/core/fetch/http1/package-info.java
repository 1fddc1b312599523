/**
 * HTTP/1.1 on a channel, the client's side.
 *
 * <p>Specification tags: RFC 9110 (semantics), RFC 9112 (message syntax).
 *
 * <p>{@link io.vpc4j.core.fetch.http1.ResponseDecoder} and {@link
 * io.vpc4j.core.fetch.http1.HeadParser} read and do no I/O, {@link
 * io.vpc4j.core.fetch.http1.RequestWriter} writes; {@link
 * io.vpc4j.core.fetch.http1.Http1Connection} is the channel handler that joins the two and keeps
 * the order of things.
 *
 * <p>Does not live here: whose turn it is on a connection. That is the pool.
 */
package io.vpc4j.core.fetch.http1;
