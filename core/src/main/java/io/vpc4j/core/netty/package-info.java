/**
 * A binding as Netty programs want it: a channel factory, and a resolver that resolves nothing.
 *
 * <p>{@link io.vpc4j.core.netty.BindingChannels} is what a program sees. A channel of it is on the
 * program's own event loop; the channel that a transport made is on another. Between the two:
 *
 * <pre>
 *   the program's loop                          the transport's loop
 *   BindingChannel  --  Batch: what is written  -->  channel.write
 *                   &lt;--  Beneath: what was read  --  channelRead
 * </pre>
 *
 * <p>Does not live here: how the transport's channel came about. That is {@code core.fetch} and the
 * transports.
 */
package io.vpc4j.core.netty;
