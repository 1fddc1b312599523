package io.vpc4j.tunnel.rpc;

import io.vpc4j.core.net.Secret;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.StructBuilder;
import io.vpc4j.tunnel.rpc.capnp.StructReader;
import java.util.Arrays;

/**
 * What a connector shows to register. [T] 5.3 TunnelAuth, 6.4
 *
 * @param accountTag the account, opaque
 * @param tunnelSecret the secret of the tunnel, in clear: only TLS protects it
 */
public record TunnelAuth(String accountTag, Secret tunnelSecret) {

  static final int DATA_WORDS = 0;
  static final int POINTERS = 2;

  static TunnelAuth read(StructReader in) throws Malformed {
    return new TunnelAuth(in.text(0), in.secret(1));
  }

  void write(StructBuilder out) {
    var secret = tunnelSecret.reveal();
    out.text(0, accountTag).data(1, secret);
    Arrays.fill(secret, (byte) 0);
  }
}
