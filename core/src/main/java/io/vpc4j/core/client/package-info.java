/**
 * What other programs' code expects to be given, over a channel: a {@link java.net.Socket}, an
 * asynchronous channel, a socket factory.
 *
 * <p>Does not live here: how the channel came about. That is {@code core.fetch} and the transports.
 */
package io.vpc4j.core.client;
