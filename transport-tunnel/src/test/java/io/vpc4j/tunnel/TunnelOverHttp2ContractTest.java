package io.vpc4j.tunnel;

import io.vpc4j.core.directory.EdgeSettings.Protocol;

class TunnelOverHttp2ContractTest extends TunnelContract {
  TunnelOverHttp2ContractTest() {
    super(Protocol.HTTP2);
  }
}
