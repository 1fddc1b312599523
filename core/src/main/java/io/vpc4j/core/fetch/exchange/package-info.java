/**
 * What the parts of the fetch engine say to each other: one request on one connection.
 *
 * <p>Read {@link io.vpc4j.core.fetch.exchange.Exchange} first: the connection calls it, on its
 * event loop, with what comes back; {@link io.vpc4j.core.fetch.exchange.HttpConnection} is what the
 * engine calls. {@link io.vpc4j.core.fetch.exchange.Upload} and {@link
 * io.vpc4j.core.fetch.exchange.UploadSink} carry the request's body the same way over HTTP/1.1 and
 * HTTP/2. {@link io.vpc4j.core.fetch.exchange.Protocols} holds the layers that the engine does not
 * implement itself.
 *
 * <p>Specification tags: RFC 9110, RFC 9112, RFC 9113.
 *
 * <p>Does not live here: octets of any protocol, the pool, the application's view of a response.
 */
package io.vpc4j.core.fetch.exchange;
