/**
 * A node put together: who the peers are, which of them leads where, and what becomes of flows.
 *
 * <p>Read {@link io.vpc4j.mesh.node.Mesh}: how it opens, dials and ends; then {@link
 * io.vpc4j.mesh.node.Members}, who takes part and which of several announcers of a prefix has it.
 */
package io.vpc4j.mesh.node;
