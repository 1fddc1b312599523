package io.vpc4j.testkit;

import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportProvider;

/** Carries {@code acme:SITE}. */
public final class AcmeTransportProvider implements TransportProvider {

  /** For {@link java.util.ServiceLoader}. */
  public AcmeTransportProvider() {}

  @Override
  public String name() {
    return "acme";
  }

  @Override
  public boolean carries(NextHop hop) {
    return hop instanceof NextHop.CustomHop custom && custom.scheme().equals("acme");
  }

  @Override
  public Transport open(TransportContext context) {
    return new AcmeTransport(context);
  }
}
