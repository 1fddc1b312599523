package io.vpc4j.tunnel.octets;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/**
 * A string of octets that cannot change: a component of records, equal by content, printed in hex.
 *
 * <p>Not for secrets: those are {@link io.vpc4j.core.net.Secret}. Safe for use by many threads.
 */
public final class Octets {

  /** No octets. */
  public static final Octets EMPTY = new Octets(new byte[0]);

  private static final int PRINTED_OCTETS = 64;

  private final byte[] octets;

  private Octets(byte[] octets) {
    this.octets = octets;
  }

  /** These octets; the array is copied. */
  public static Octets of(byte[] octets) {
    return octets.length == 0 ? EMPTY : new Octets(octets.clone());
  }

  /** The next {@code length} octets of {@code buffer}, whose position moves past them. */
  public static Octets take(ByteBuffer buffer, int length) {
    var octets = new byte[length];
    buffer.get(octets);
    return new Octets(octets);
  }

  /** Every octet that is left in {@code buffer}, whose position moves to its limit. */
  public static Octets take(ByteBuffer buffer) {
    return take(buffer, buffer.remaining());
  }

  /** The text in UTF-8. */
  public static Octets ofUtf8(String text) {
    return new Octets(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The 16 octets of a UUID in network order. RFC 9562 4 */
  public static Octets of(UUID uuid) {
    return new Octets(
        ByteBuffer.allocate(16)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .array());
  }

  /**
   * Octets from pairs of hexadecimal digits, without separators.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static Octets ofHex(String hex) {
    return new Octets(HexFormat.of().parseHex(hex));
  }

  /** How many. */
  public int length() {
    return octets.length;
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return octets.length == 0;
  }

  /** A copy. */
  public byte[] toArray() {
    return octets.clone();
  }

  /** A read-only view, big-endian, from the first octet to the last. */
  public ByteBuffer buffer() {
    return ByteBuffer.wrap(octets).asReadOnlyBuffer();
  }

  /** Puts all of them at the buffer's position. */
  public void writeTo(ByteBuffer buffer) {
    buffer.put(octets);
  }

  /** The octets as UTF-8 text; what is not UTF-8 becomes U+FFFD. */
  public String utf8() {
    return new String(octets, StandardCharsets.UTF_8);
  }

  /**
   * The UUID these 16 octets are.
   *
   * @throws Malformed if they are not 16
   */
  public UUID uuid(String what) throws Malformed {
    if (octets.length != 16) {
      throw new Malformed(
          Malformed.Reason.VALUE, what + " must be 16 octets, not " + octets.length);
    }
    var words = buffer();
    return new UUID(words.getLong(), words.getLong());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Octets that && Arrays.equals(octets, that.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  /** Hex; of a long string the first 64 octets and the length. */
  @Override
  public String toString() {
    if (octets.length <= PRINTED_OCTETS) {
      return HexFormat.of().formatHex(octets);
    }
    return HexFormat.of().formatHex(octets, 0, PRINTED_OCTETS) + "… (" + octets.length + " octets)";
  }
}
