package io.vpc4j.tunnel;

import io.vpc4j.VpcException;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportProvider;

/** Carries {@link NextHop.TunnelHop}: whatever a tunnel's connectors can reach. */
public final class TunnelTransportProvider implements TransportProvider {

  /** For {@link java.util.ServiceLoader}. */
  public TunnelTransportProvider() {}

  @Override
  public String name() {
    return "tunnel";
  }

  @Override
  public boolean carries(NextHop hop) {
    return hop instanceof NextHop.TunnelHop;
  }

  @Override
  public Transport open(TransportContext context) throws VpcException {
    return TunnelTransport.open(context);
  }
}
