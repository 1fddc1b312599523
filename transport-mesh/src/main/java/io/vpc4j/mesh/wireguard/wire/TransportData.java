package io.vpc4j.mesh.wireguard.wire;

import io.vpc4j.mesh.wireguard.crypto.Octets;

/**
 * Every packet after the handshake. [W] 5.4.6
 *
 * <pre>
 *     0  type = 4, reserved    4
 *     4  receiver index        4
 *     8  counter               8
 *    16  sealed packet         padded, + 16 tag
 *          integers are little-endian
 * </pre>
 */
public final class TransportData {

  /** Octets before the packet. */
  public static final int HEADER_LENGTH = 16;

  /**
   * A keepalive: a header and a tag over nothing. Not "a multiple of 16": padding ends at the MTU.
   */
  public static final int MIN_LENGTH = 32;

  /** The receiver's index of the session. */
  public static final int RECEIVER = 4;

  /** The nonce; never twice under one key. */
  public static final int COUNTER = 8;

  private TransportData() {}

  /** Writes the header, {@link #HEADER_LENGTH} octets. */
  public static void writeHeader(byte[] octets, int offset, int receiver, long counter) {
    Octets.putInt(octets, offset, MessageType.TRANSPORT_DATA.word());
    Octets.putInt(octets, offset + RECEIVER, receiver);
    Octets.putLong(octets, offset + COUNTER, counter);
  }
}
