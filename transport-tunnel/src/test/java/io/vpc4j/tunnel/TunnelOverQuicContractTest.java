package io.vpc4j.tunnel;

import io.vpc4j.core.directory.EdgeSettings.Protocol;

class TunnelOverQuicContractTest extends TunnelContract {
  TunnelOverQuicContractTest() {
    super(Protocol.QUIC);
  }
}
