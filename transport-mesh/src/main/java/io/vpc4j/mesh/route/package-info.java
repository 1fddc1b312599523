/**
 * When a node counts as dead, and when as alive again: an engine that is told of probes and the
 * time.
 */
package io.vpc4j.mesh.route;
