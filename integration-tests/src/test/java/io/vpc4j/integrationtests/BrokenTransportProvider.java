package io.vpc4j.integrationtests;

import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportProvider;

/** A transport with a fault in it: what it throws is no application's fault. */
public final class BrokenTransportProvider implements TransportProvider {

  /** For {@link java.util.ServiceLoader}. */
  public BrokenTransportProvider() {}

  @Override
  public String name() {
    return "broken";
  }

  @Override
  public boolean carries(NextHop hop) {
    return hop instanceof NextHop.CustomHop custom && custom.scheme().equals("broken");
  }

  @Override
  public Transport open(TransportContext context) {
    throw new IllegalStateException("a fault of this transport");
  }
}
