/**
 * The one thread that drives a node: datagrams to WireGuard, packets to the stack, and back.
 *
 * <p>Read {@link io.vpc4j.mesh.loop.MeshLoop}. Engines know nothing of it; channels are called by
 * it when their flow has news.
 */
package io.vpc4j.mesh.loop;
