package io.vpc4j.mesh;

final class MeshTransportProvider {
  private MeshTransportProvider() {}
}
