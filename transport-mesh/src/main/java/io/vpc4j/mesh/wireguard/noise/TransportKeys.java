package io.vpc4j.mesh.wireguard.noise;

import io.vpc4j.mesh.wireguard.crypto.SecretBytes;

/**
 * What a handshake is for. Belongs to its receiver, who wipes it. [W] 5.4.5
 *
 * @param initiatorToResponder 32 octets
 * @param responderToInitiator 32 octets
 */
public record TransportKeys(SecretBytes initiatorToResponder, SecretBytes responderToInitiator) {

  /** Overwrites both. Again is allowed. */
  public void wipe() {
    initiatorToResponder.wipe();
    responderToInitiator.wipe();
  }
}
