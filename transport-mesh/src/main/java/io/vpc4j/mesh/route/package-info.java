/**
 * Which of several nodes is asked: when one counts as dead, and when as alive again, how flows are
 * shared among equals, and how each stays where it is. Engines that are told of probes and the
 * time.
 */
package io.vpc4j.mesh.route;
