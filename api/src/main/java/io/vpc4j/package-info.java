/**
 * Bindings to a private network, and {@code fetch} through them.
 *
 * <p>Start at {@link io.vpc4j.Vpc}: it reads a {@code wrangler.jsonc} and hands out a {@link
 * io.vpc4j.VpcNetwork} or a {@link io.vpc4j.VpcService} per binding; both are {@link
 * io.vpc4j.Fetcher}s. A {@link io.vpc4j.Request} goes in, a {@link io.vpc4j.Response} comes out, or
 * a {@link io.vpc4j.VpcException} with an {@link io.vpc4j.ErrorCode}.
 *
 * <p>Semantics are those of the Fetch standard as Workers have them; where the JDK has a type for a
 * thing ({@link java.nio.ByteBuffer}, {@link java.util.concurrent.Flow}, {@link
 * java.net.http.WebSocket}, {@link java.net.Socket}), that type is used.
 *
 * <p>Does not live here: anything that moves octets. That is {@code io.vpc4j.core} and the
 * transports.
 */
package io.vpc4j;
