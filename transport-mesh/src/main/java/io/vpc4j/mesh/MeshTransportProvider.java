package io.vpc4j.mesh;

import io.vpc4j.VpcException;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.NextHop.NodeHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportProvider;

/** The mesh's door: carries what goes to nodes and devices. */
public final class MeshTransportProvider implements TransportProvider {

  /** For the {@link java.util.ServiceLoader}. */
  public MeshTransportProvider() {}

  @Override
  public String name() {
    return "mesh";
  }

  @Override
  public boolean carries(NextHop hop) {
    return hop instanceof NodeHop;
  }

  @Override
  public Transport open(TransportContext context) throws VpcException {
    return MeshTransport.open(context);
  }
}
