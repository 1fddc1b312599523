/**
 * Which of several nodes is asked: when one counts as dead, and when as alive again, and how flows
 * are shared among equals. Engines that are told of probes and the time.
 */
package io.vpc4j.mesh.route;
