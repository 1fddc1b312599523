package io.vpc4j.mesh.wireguard.noise;

import io.vpc4j.mesh.wireguard.crypto.Entropy;
import io.vpc4j.mesh.wireguard.crypto.Octets;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import io.vpc4j.mesh.wireguard.wire.HandshakeInitiation;
import io.vpc4j.mesh.wireguard.wire.HandshakeResponse;
import io.vpc4j.mesh.wireguard.wire.MessageType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A handshake that somebody else began, read step by step so that no step is paid for before the
 * one before it is in order: {@link #read} (one agreement) tells who calls, {@link #timestamp}
 * (none) whether it is they, and {@link #respond} (three) answers. {@link #wipe} it afterwards. [W]
 * 5.4.2, 5.4.3
 */
public final class Responder {

  private final byte[] message;
  private final byte[] theirEphemeral;
  private final PublicKey peerKey;
  private final SymmetricState state;
  private @Nullable PrivateKey ephemeral;

  private Responder(
      byte[] message, byte[] theirEphemeral, PublicKey peerKey, SymmetricState state) {
    this.message = message;
    this.theirEphemeral = theirEphemeral;
    this.peerKey = peerKey;
    this.state = state;
  }

  /**
   * Reads an initiation as far as its sender's key.
   *
   * @param octets a whole initiation, from {@code offset} on; copied
   * @return null if it is not authentic
   */
  public static @Nullable Responder read(PrivateKey own, byte[] octets, int offset) {
    var message = Arrays.copyOfRange(octets, offset, offset + HandshakeInitiation.LENGTH);
    var from = HandshakeInitiation.EPHEMERAL;
    var theirs = Arrays.copyOfRange(message, from, from + PublicKey.LENGTH);
    var state = SymmetricState.towards(own.publicKey().octets());
    state.mixPublic(theirs, 0, theirs.length);
    state.mixHash(theirs, 0, theirs.length);
    var shared = new byte[PublicKey.LENGTH];
    if (!own.agree(theirs, shared)) {
      state.wipe();
      return null;
    }
    state.mixKey(shared);
    var key =
        state.decryptAndHash(
            message,
            HandshakeInitiation.STATIC,
            HandshakeInitiation.TIMESTAMP - HandshakeInitiation.STATIC);
    if (key == null) {
      state.wipe();
      return null;
    }
    return new Responder(message, theirs, PublicKey.of(key), state);
  }

  /** Who says that they call; proved by {@link #timestamp}. */
  public PublicKey peerKey() {
    return peerKey;
  }

  /**
   * The message's TAI64N, 12 octets.
   *
   * @return null if it is not authentic
   */
  public byte @Nullable [] timestamp(RemoteIdentity peer) {
    state.mixKey(peer.staticSecret());
    return state.decryptAndHash(
        message,
        HandshakeInitiation.TIMESTAMP,
        HandshakeInitiation.MAC1 - HandshakeInitiation.TIMESTAMP);
  }

  /**
   * Answers: writes the message up to, not including, its mac1. Call after {@link #timestamp}. [W]
   * 5.4.3
   *
   * @param sender the index that the peer is to send data to
   * @param response receives it from octet 0 on
   * @return the keys; null if the peer's ephemeral key or its own is of small order
   */
  public @Nullable TransportKeys respond(
      RemoteIdentity peer, int sender, Entropy entropy, byte[] response) {
    var fresh = PrivateKey.generate(entropy);
    ephemeral = fresh;
    Octets.putInt(response, 0, MessageType.RESPONSE.word());
    Octets.putInt(response, HandshakeResponse.SENDER, sender);
    Octets.putInt(
        response, HandshakeResponse.RECEIVER, Octets.getInt(message, HandshakeInitiation.SENDER));
    // e, ee, se
    var ours = fresh.publicKey().octets();
    System.arraycopy(ours, 0, response, HandshakeResponse.EPHEMERAL, PublicKey.LENGTH);
    state.mixPublic(ours, 0, ours.length);
    state.mixHash(ours, 0, ours.length);
    var shared = new byte[PublicKey.LENGTH];
    if (!fresh.agree(theirEphemeral, shared)) {
      return null;
    }
    state.mixKey(shared);
    if (!fresh.agree(peer.publicKey(), shared)) {
      return null;
    }
    state.mixKey(shared);
    // psk
    state.mixKeyAndHash(peer.presharedKey());
    state.encryptAndHash(response, HandshakeResponse.EMPTY, 0);
    return state.split();
  }

  /** Our own key of this handshake in base64, for a key log. Call after {@link #respond}. */
  public String revealEphemeral() {
    if (ephemeral == null) {
      throw new IllegalStateException("there is none before respond");
    }
    return ephemeral.toSecretBase64();
  }

  /** The index that the answer goes to. */
  public int remoteIndex() {
    return Octets.getInt(message, HandshakeInitiation.SENDER);
  }

  /** Overwrites the secrets. Again is allowed. */
  public void wipe() {
    state.wipe();
    if (ephemeral != null) {
      ephemeral.wipe();
    }
  }

  @Override
  public String toString() {
    return "Responder[***]";
  }
}
