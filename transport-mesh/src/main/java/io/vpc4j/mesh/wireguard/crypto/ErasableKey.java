package io.vpc4j.mesh.wireguard.crypto;

import javax.crypto.SecretKey;

/** A key for a JDK cipher whose octets can be overwritten, which {@code SecretKeySpec}'s cannot. */
final class ErasableKey implements SecretKey {

  final byte[] octets;

  ErasableKey(byte[] octets) {
    this.octets = octets;
  }

  @Override
  public String getAlgorithm() {
    return "ChaCha20";
  }

  @Override
  public String getFormat() {
    return "RAW";
  }

  @Override
  public byte[] getEncoded() {
    return octets.clone();
  }
}
