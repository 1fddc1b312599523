/**
 * Bodies: what a request sends ({@link io.vpc4j.core.fetch.body.Uploads}) and what a response gave
 * ({@link io.vpc4j.core.fetch.body.ResponseBody} and its readers).
 *
 * <p>Every way of reading is the same two steps, {@code poll} and, if that gives nothing, being
 * told when to poll again; every way of sending fills a {@link
 * io.vpc4j.core.fetch.exchange.UploadSink} while that is writable. Neither holds more than a
 * window.
 *
 * <p>Does not live here: framing. That is the connection's.
 */
package io.vpc4j.core.fetch.body;
