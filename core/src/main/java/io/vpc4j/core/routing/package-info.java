/**
 * From a binding and a URL to a hop: the {@code Router}, its tables and its explanations.
 *
 * <p>Works on one immutable snapshot, dials nothing, waits for nothing. What it decides is a {@link
 * io.vpc4j.core.routing.Route}; what it refuses is a {@link io.vpc4j.VpcException}.
 */
package io.vpc4j.core.routing;
