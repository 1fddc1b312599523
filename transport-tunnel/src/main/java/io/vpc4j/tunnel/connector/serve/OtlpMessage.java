package io.vpc4j.tunnel.connector.serve;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * One message of Protocol Buffers, written field by field. Encoding, "Message Structure"
 *
 * <pre>
 *   field   tag: number x 8 + type, a varint
 *           0: varint | 1: 8 octets, little-endian | 2: length, a varint, and so many octets
 * </pre>
 */
final class OtlpMessage {

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int OCTETS = 2;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  OtlpMessage number(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  OtlpMessage fixed(int field, long value) {
    tag(field, FIXED_64);
    for (var shift = 0; shift < 64; shift += 8) {
      out.write((int) (value >>> shift));
    }
    return this;
  }

  OtlpMessage text(int field, String text) {
    return octets(field, text.getBytes(StandardCharsets.UTF_8));
  }

  OtlpMessage octets(int field, OtlpMessage message) {
    return octets(field, message.toArray());
  }

  private OtlpMessage octets(int field, byte[] octets) {
    tag(field, OCTETS);
    varint(octets.length);
    out.writeBytes(octets);
    return this;
  }

  /** Eight octets without a tag, big-endian: a piece of an id. */
  OtlpMessage big(long value) {
    for (var shift = 56; shift >= 0; shift -= 8) {
      out.write((int) (value >>> shift));
    }
    return this;
  }

  byte[] toArray() {
    return out.toByteArray();
  }

  private void tag(int field, int type) {
    varint(((long) field << 3) | type);
  }

  private void varint(long value) {
    var left = value;
    while ((left & ~0x7fL) != 0) {
      out.write((int) ((left & 0x7f) | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }
}
