package io.vpc4j.tunnel;

final class TunnelTransportProvider {
  private TunnelTransportProvider() {}
}
