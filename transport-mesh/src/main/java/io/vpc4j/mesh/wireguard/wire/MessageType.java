package io.vpc4j.mesh.wireguard.wire;

import io.vpc4j.mesh.wireguard.crypto.Octets;
import org.jspecify.annotations.Nullable;

/** What a datagram is by its first four octets: the type, and three of zero. [W] 5.4 */
public enum MessageType {
  /** {@link HandshakeInitiation}. */
  INITIATION(1, HandshakeInitiation.LENGTH),
  /** {@link HandshakeResponse}. */
  RESPONSE(2, HandshakeResponse.LENGTH),
  /** {@link CookieReply}. */
  COOKIE_REPLY(3, CookieReply.LENGTH),
  /** {@link TransportData}. */
  TRANSPORT_DATA(4, TransportData.MIN_LENGTH);

  private final int word;
  private final int length;

  MessageType(int word, int length) {
    this.word = word;
    this.length = length;
  }

  /** The type and its reserved zeros as one little-endian word. */
  public int word() {
    return word;
  }

  /**
   * The type of a datagram.
   *
   * @return null if it is none, or its length is not the one that its type has
   */
  public static @Nullable MessageType of(byte[] octets, int offset, int length) {
    if (length < 4) {
      return null;
    }
    var word = Octets.getInt(octets, offset);
    if (word == TRANSPORT_DATA.word) { // first, since nearly all are
      return length >= TransportData.MIN_LENGTH ? TRANSPORT_DATA : null;
    }
    for (var type : HANDSHAKE_TYPES) {
      if (word == type.word) {
        return length == type.length ? type : null;
      }
    }
    return null;
  }

  private static final MessageType[] HANDSHAKE_TYPES = {INITIATION, RESPONSE, COOKIE_REPLY};
}
