package io.vpc4j.tunnel.carrier;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What the edge shows to who dials it.
 *
 * @param key of the leaf
 * @param chain leaf first
 */
public record ServerIdentity(PrivateKey key, List<X509Certificate> chain) {

  /** Copies and checks. */
  public ServerIdentity {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("a chain has a leaf");
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "ServerIdentity[" + chain.get(0).getSubjectX500Principal() + "]";
  }
}
