package io.vpc4j.mesh.wireguard.noise;

import static io.vpc4j.mesh.wireguard.wire.HandshakeInitiation.EPHEMERAL;
import static io.vpc4j.mesh.wireguard.wire.HandshakeInitiation.SENDER;
import static io.vpc4j.mesh.wireguard.wire.HandshakeInitiation.STATIC;
import static io.vpc4j.mesh.wireguard.wire.HandshakeInitiation.TIMESTAMP;

import io.vpc4j.mesh.wireguard.crypto.Entropy;
import io.vpc4j.mesh.wireguard.crypto.Octets;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import io.vpc4j.mesh.wireguard.wire.HandshakeResponse;
import io.vpc4j.mesh.wireguard.wire.MessageType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A handshake that we began and that has not been answered. One object is one attempt, with an
 * ephemeral key of its own; {@link #wipe} it when the attempt is over, however it ended. [W] 5.4.2,
 * 5.4.3
 */
public final class Initiator {

  private final PrivateKey own;
  private final RemoteIdentity peer;
  private final PrivateKey ephemeral;
  private final SymmetricState state;

  private Initiator(
      PrivateKey own, RemoteIdentity peer, PrivateKey ephemeral, SymmetricState state) {
    this.own = own;
    this.peer = peer;
    this.ephemeral = ephemeral;
    this.state = state;
  }

  /**
   * Begins: writes the message up to, not including, its mac1. [W] 5.4.2
   *
   * @param sender the index that the answer is to name
   * @param timestamp TAI64N, 12 octets, later than in any message to this peer before
   * @param message receives it from octet 0 on
   */
  public static Initiator begin(
      PrivateKey own,
      RemoteIdentity peer,
      int sender,
      byte[] timestamp,
      Entropy entropy,
      byte[] message) {
    var ephemeral = PrivateKey.generate(entropy);
    var state = SymmetricState.towards(peer.publicKey());
    Octets.putInt(message, 0, MessageType.INITIATION.word());
    Octets.putInt(message, SENDER, sender);

    // E: the ephemeral key
    System.arraycopy(ephemeral.publicKey().octets(), 0, message, EPHEMERAL, PublicKey.LENGTH);
    state.mixPublic(message, EPHEMERAL, PublicKey.LENGTH);
    state.mixHash(message, EPHEMERAL, PublicKey.LENGTH);
    // es, s: who we are
    var shared = new byte[PublicKey.LENGTH];
    if (!ephemeral.agree(peer.publicKey(), shared)) {
      throw new IllegalStateException("a peer's key was checked when it was added");
    }
    state.mixKey(shared);
    System.arraycopy(own.publicKey().octets(), 0, message, STATIC, PublicKey.LENGTH);
    state.encryptAndHash(message, STATIC, PublicKey.LENGTH);
    // ss: when it is
    state.mixKey(peer.staticSecret());
    System.arraycopy(timestamp, 0, message, TIMESTAMP, timestamp.length);
    state.encryptAndHash(message, TIMESTAMP, timestamp.length);
    return new Initiator(own, peer, ephemeral, state);
  }

  /**
   * Reads the answer. A forged one changes nothing: the true one may still come. [W] 5.4.3
   *
   * @param message a whole response, from {@code offset} on
   * @return null if it is not authentic
   */
  public @Nullable TransportKeys finish(byte[] message, int offset) {
    var end = state.copy();
    try {
      var from = offset + HandshakeResponse.EPHEMERAL;
      var theirs = Arrays.copyOfRange(message, from, from + PublicKey.LENGTH);
      var shared = new byte[PublicKey.LENGTH];
      // e, ee, se
      end.mixPublic(theirs, 0, theirs.length);
      end.mixHash(theirs, 0, theirs.length);
      if (!ephemeral.agree(theirs, shared)) {
        return null;
      }
      end.mixKey(shared);
      if (!own.agree(theirs, shared)) {
        return null;
      }
      end.mixKey(shared);
      // psk
      end.mixKeyAndHash(peer.presharedKey());
      var empty = end.decryptAndHash(message, offset + HandshakeResponse.EMPTY, 16);
      return empty == null ? null : end.split();
    } finally {
      end.wipe();
    }
  }

  /** The attempt's own key in base64, for a key log. */
  public String revealEphemeral() {
    return ephemeral.toSecretBase64();
  }

  /** Overwrites the attempt's secrets. Again is allowed. */
  public void wipe() {
    ephemeral.wipe();
    state.wipe();
  }

  /** Whether {@link #wipe} was called. */
  public boolean isWiped() {
    return ephemeral.isWiped() && state.isWiped();
  }

  @Override
  public String toString() {
    return "Initiator[***]";
  }
}
