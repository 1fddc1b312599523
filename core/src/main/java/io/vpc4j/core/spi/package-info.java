/**
 * How a transport plugs in: a maker of Netty channels to destinations behind a hop.
 *
 * <p>Read {@link io.vpc4j.core.spi.TransportProvider}, then {@link io.vpc4j.core.spi.Transport}.
 * The suite {@code TransportContract} of {@code io.vpc4j.testkit} says the same in tests; a
 * transport that passes it will do.
 */
package io.vpc4j.core.spi;
