package io.vpc4j.mesh;

import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.mesh.node.Mesh;
import io.vpc4j.mesh.node.MeshNames;

/**
 * A network that this process takes part in.
 *
 * @param settings what the directory says of it
 * @param mesh our node in it
 * @param names as it knows them
 */
record JoinedNetwork(MeshNetwork settings, Mesh mesh, MeshNames names) {

  /** The same with what the directory says now, where the node need not be another one. */
  JoinedNetwork with(MeshNetwork now) {
    return new JoinedNetwork(now, mesh, names);
  }

  /** Whether {@code now} is told by a node of its own: by another key, port, address, or file. */
  boolean isOtherThan(MeshNetwork now) {
    return !settings.retunedAs(now).equals(now);
  }
}
