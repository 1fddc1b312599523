/**
 * When a connector dials which edge with which protocol, and when it stops. No dialling, no clock,
 * no chance of its own.
 *
 * <p>{@link io.vpc4j.tunnel.connector.supervise.Supervisor} is the machine: what happened goes in
 * with the time, {@link io.vpc4j.tunnel.connector.supervise.Command}s and a deadline come out.
 *
 * <p>{@code [C]} is the protocol of {@code cloudflared} as observed: connections (1.3), the choice
 * of a protocol (1.4), pauses (1.5), refusals (6.5), shutdown (6.6).
 */
package io.vpc4j.tunnel.connector.supervise;
