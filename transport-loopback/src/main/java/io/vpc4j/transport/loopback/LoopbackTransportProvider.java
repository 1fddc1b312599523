package io.vpc4j.transport.loopback;

import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportProvider;

/** Carries {@link NextHop.LocalHop} and nothing else. */
public final class LoopbackTransportProvider implements TransportProvider {

  /** For {@link java.util.ServiceLoader}. */
  public LoopbackTransportProvider() {}

  @Override
  public String name() {
    return "loopback";
  }

  @Override
  public boolean carries(NextHop hop) {
    return hop instanceof NextHop.LocalHop;
  }

  @Override
  public Transport open(TransportContext context) {
    return new LoopbackTransport(context);
  }
}
