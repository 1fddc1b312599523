/**
 * How a running part of vpc4j is watched: one small HTTP server with {@code /ready}, {@code
 * /metrics} and {@code /status}, and the client that asks it.
 *
 * <p>Whatever runs, an edge, a connector, a mesh node, a {@code Vpc}, describes itself as a {@link
 * io.vpc4j.core.ops.StatusSource}; {@link io.vpc4j.core.ops.OpsServer} serves any number of them,
 * {@link io.vpc4j.core.ops.OpsClient} reads one server's answer, and {@link
 * io.vpc4j.core.ops.OpsFile} is how the two find each other on one machine.
 *
 * <p>{@code [PROM]} is the Prometheus text exposition format, version 0.0.4.
 *
 * <p>Does not live here: what there is to say, which every part knows of itself.
 */
package io.vpc4j.core.ops;
