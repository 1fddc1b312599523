/**
 * Netty channels over flows of the stack: what the rest of the project dials, listens with, and
 * cannot tell from the operating system's.
 *
 * <p>Each belongs to the event loop of its {@link io.vpc4j.mesh.loop.MeshLoop} and to no other.
 */
package io.vpc4j.mesh.channel;
