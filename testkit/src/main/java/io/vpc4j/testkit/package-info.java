/**
 * {@link io.vpc4j.testkit.TransportContract} holds every promise of {@link
 * io.vpc4j.core.spi.Transport} against an implementation; {@link io.vpc4j.testkit.PrivateNetwork}
 * gives an application's tests a private network of named hosts.
 */
@NullMarked
package io.vpc4j.testkit;

import org.jspecify.annotations.NullMarked;
