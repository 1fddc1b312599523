/**
 * The simulated network, and the transport SPI's smallest real user: read it to write your own.
 *
 * <p>{@link io.vpc4j.transport.loopback.LoopbackTransport} is the transport; {@code SimulatedHosts}
 * is the network as tables, without I/O; {@code LocalTargets} makes the channels; {@code
 * ResetAfter} and {@code Relay} are faults as handlers.
 */
package io.vpc4j.transport.loopback;
