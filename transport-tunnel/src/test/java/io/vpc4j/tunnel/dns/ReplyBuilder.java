package io.vpc4j.tunnel.dns;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes replies octet by octet, so that the codec under test has no hand in them. RFC 1035 4.1 */
final class ReplyBuilder {

  private final ByteArrayOutputStream question = new ByteArrayOutputStream();
  private final ByteArrayOutputStream records = new ByteArrayOutputStream();
  private final int id;
  private int flags = 0x8180; // a response, recursion desired and available
  private int answers;
  private int authorities;

  private ReplyBuilder(int id) {
    this.id = id;
  }

  /** To a query, with its id and its question. */
  static ReplyBuilder to(ByteBuffer query) {
    var reply = new ReplyBuilder(query.getShort(0) & 0xffff);
    var octets = new byte[query.limit() - 12];
    query.get(12, octets);
    reply.question.writeBytes(octets);
    return reply;
  }

  ReplyBuilder code(int code) {
    flags |= code;
    return this;
  }

  ReplyBuilder truncated() {
    flags |= 0x0200;
    return this;
  }

  ReplyBuilder flags(int value) {
    flags = value;
    return this;
  }

  /** An address of the name in the question, by a pointer to it. RFC 1035 4.1.4 */
  ReplyBuilder address(int ttl, int... octets) {
    answers++;
    records.writeBytes(new byte[] {(byte) 0xc0, 12});
    return rest(octets.length == 4 ? 1 : 28, ttl, bytes(octets));
  }

  ReplyBuilder address(String owner, int ttl, int... octets) {
    answers++;
    records.writeBytes(name(owner));
    return rest(octets.length == 4 ? 1 : 28, ttl, bytes(octets));
  }

  ReplyBuilder alias(String owner, String target, int ttl) {
    answers++;
    records.writeBytes(name(owner));
    return rest(5, ttl, name(target));
  }

  /** An alias of the name in the question to {@code label} before its second label. */
  ReplyBuilder aliasWithPointer(String label, int ttl, int pointerAt) {
    answers++;
    records.writeBytes(new byte[] {(byte) 0xc0, 12});
    var target = new ByteArrayOutputStream();
    target.write(label.length());
    target.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    target.writeBytes(new byte[] {(byte) 0xc0, (byte) pointerAt});
    return rest(5, ttl, target.toByteArray());
  }

  ReplyBuilder soa(String zone, int ttl, int minimum) {
    authorities++;
    records.writeBytes(name(zone));
    var data = new ByteArrayOutputStream();
    data.writeBytes(name("ns." + zone));
    data.writeBytes(name("admin." + zone));
    data.writeBytes(ByteBuffer.allocate(20).putInt(16, minimum).array());
    return rest(6, ttl, data.toByteArray());
  }

  private ReplyBuilder rest(int type, int ttl, byte[] data) {
    records.writeBytes(
        ByteBuffer.allocate(10)
            .putShort((short) type)
            .putShort((short) 1)
            .putInt(ttl)
            .putShort((short) data.length)
            .array());
    records.writeBytes(data);
    return this;
  }

  ByteBuffer build() {
    var header =
        ByteBuffer.allocate(12)
            .putShort((short) id)
            .putShort((short) flags)
            .putShort((short) 1)
            .putShort((short) answers)
            .putShort((short) authorities)
            .array();
    return ByteBuffer.wrap(concat(concat(header, question.toByteArray()), records.toByteArray()));
  }

  private static byte[] concat(byte[] first, byte[] second) {
    var both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] bytes(int... octets) {
    var bytes = new byte[octets.length];
    for (var i = 0; i < octets.length; i++) {
      bytes[i] = (byte) octets[i];
    }
    return bytes;
  }

  static byte[] name(String name) {
    var out = new ByteArrayOutputStream();
    for (var label : name.split("\\.", -1)) {
      out.write(label.length());
      out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.write(0);
    return out.toByteArray();
  }
}
