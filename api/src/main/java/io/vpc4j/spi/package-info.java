/**
 * The two doors behind the API: the engine that opens a {@link io.vpc4j.Vpc}, and an optional JSON
 * binding for {@link io.vpc4j.Response#json}.
 *
 * <p>Transports are not found here; they are the engine's business, in {@code io.vpc4j.core.spi}.
 */
package io.vpc4j.spi;
